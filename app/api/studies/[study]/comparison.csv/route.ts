import { inStudy } from "@/server/api/route";
import { record } from "@/server/audit";
import { toCsv } from "@/server/csv";
import { withActor } from "@/server/door";
import { compareStudy } from "@/server/services/analysis/compare-study";

/** The table of the comparison page as CSV: fractions 0-1, every digit. */
export async function GET(_: Request, { params }: { params: Promise<{ study: string }> }) {
  const { study: slug } = await params;
  return inStudy({ slug, action: "analysis.view" }, async ({ actor, study }) => {
    const { rows } = await withActor(actor, async (tx) => {
      await record(tx, "analysis.exported", { entity: "comparison" });
      return compareStudy(tx, actor);
    });
    const name = `${slug}-comparison${study.synthetic ? "-synthetic" : ""}.csv`;
    return new Response(toCsv(rows.map((row) => ({ ...row, synthetic: study.synthetic }))), {
      headers: { "content-type": "text/csv; charset=utf-8", "content-disposition": `attachment; filename="${name}"` },
    });
  });
}
