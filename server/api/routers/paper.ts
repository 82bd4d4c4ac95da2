import { z } from "zod";
import { foundingTable } from "@/core/stats/paper/founding-table";
import { auditTableInput, tableAudit } from "@/server/schemas/paper";
import { auditPublishedTable } from "@/server/services/paper/audit-published-table";
import { personProcedure, router } from "../trpc";

const none = { positives: null, negatives: null, images: null };

/** Published tables, of no study: nothing is read from the database and nothing kept. */
export const paperRouter = router({
  audit: personProcedure
    .input(auditTableInput)
    .output(tableAudit)
    .mutation(({ input: { text, declared } }) => auditPublishedTable(Buffer.from(text), { declared })),

  /** The table of the founding paper and what comes of it. */
  example: personProcedure.output(z.object({ text: z.string(), audit: tableAudit })).query(async () => ({
    text: foundingTable,
    audit: await auditPublishedTable(Buffer.from(foundingTable), { declared: none }),
  })),
});
