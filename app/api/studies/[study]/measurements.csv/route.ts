import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { withActor } from "@/server/door";
import { measurementTable } from "@/server/services/series/measurement-table";

/** Every size of the study's nodes as CSV, with where in which image it was measured. */
export const GET = guarded({ largest: 0 }, async (_, { params }: { params: Promise<{ study: string }> }) => {
  const { study: slug } = await params;
  return inStudy({ slug, action: "imaging.view" }, async ({ actor, study }) => {
    const name = `${slug}-measurements${study.synthetic ? "-synthetic" : ""}.csv`;
    return new Response(await withActor(actor, (tx) => measurementTable(tx, actor)), {
      headers: { "content-type": "text/csv; charset=utf-8", "content-disposition": `attachment; filename="${name}"` },
    });
  });
});
