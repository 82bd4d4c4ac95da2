import { and, eq, gt, ne } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { consentWithdrawal } from "@/db/schema";
import { currentMethods } from "./current-methods";

/**
 * Whether numbers are no longer handed out: other methods count by now, or somebody withdrew since they were computed. The withdrawals are asked themselves, too,
 * whatever the name of the methods says of them.
 */
export async function isOutdated(
  tx: Tx,
  { studyId }: { studyId: string },
  { methods, computedAt }: { methods: string; computedAt: Date },
): Promise<boolean> {
  if (methods !== (await currentMethods(tx, { studyId }))) return true;
  const since = await tx.$count(
    consentWithdrawal,
    and(
      eq(consentWithdrawal.studyId, studyId),
      ne(consentWithdrawal.scope, "keep"),
      gt(consentWithdrawal.recordedAt, computedAt),
    ),
  );
  return since > 0;
}
