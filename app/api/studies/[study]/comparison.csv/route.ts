import { z } from "zod";
import { atUnit, plannedUnit } from "@/app/_lib/at-unit";
import { guarded } from "@/server/api/guard";
import { inStudy } from "@/server/api/route";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { countedUnit } from "@/server/schemas/analysis";
import { awaitComparison } from "@/server/services/analysis/await-comparison";
import { comparisonTables } from "@/server/services/analysis/comparison-tables";
import { sizesThatDiffer } from "@/server/services/reading/sizes-that-differ";

/** The table of the comparison page as CSV: fractions 0-1, every digit. `?run=` names the run that is the network and `?unit=` what is counted, as the page does. */
export const GET = guarded({ largest: 0 }, async (request, { params }: { params: Promise<{ study: string }> }) => {
  const { study: slug } = await params;
  return inStudy({ slug, action: "analysis.view" }, async ({ actor, study }) => {
    const query = new URL(request.url).searchParams;
    const run = z.uuid().nullable().safeParse(query.get("run"));
    if (!run.success) throw new AppError("invalid", { key: "errors.address_without_run" });
    const runId = run.data ?? undefined;
    const stored = await awaitComparison(actor, { runId });
    const unit = countedUnit.catch(plannedUnit(stored.comparison)).parse(query.get("unit"));
    const sizes = await withActor(actor, (tx) => sizesThatDiffer(tx, { ...actor, locale: "en" }));
    const tables = comparisonTables(
      { ...stored, comparison: atUnit(stored.comparison, unit) },
      { sizes, synthetic: study.synthetic },
    );
    const name = `${slug}-comparison${study.synthetic ? "-synthetic" : ""}.csv`;
    return new Response(tables["comparison.csv"], {
      headers: { "content-type": "text/csv; charset=utf-8", "content-disposition": `attachment; filename="${name}"` },
    });
  });
});
