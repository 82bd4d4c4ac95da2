import { and, count, eq, ne } from "drizzle-orm";
import { methodsVersion } from "@/core/stats/methods-version";
import type { Tx } from "@/db/actor";
import { consentWithdrawal } from "@/db/schema";

/**
 * The version of the methods and, behind a dash, how many withdrawals of consent they heed. A withdrawal is the one record that changes after the lock
 * what goes into a number: what was stored before it answers no question any more.
 */
export async function currentMethods(tx: Tx, { studyId }: { studyId: string }): Promise<string> {
  const [heeded] = await tx
    .select({ withdrawals: count() })
    .from(consentWithdrawal)
    .where(and(eq(consentWithdrawal.studyId, studyId), ne(consentWithdrawal.scope, "keep")));
  return heeded?.withdrawals ? `${methodsVersion}-${heeded.withdrawals}` : methodsVersion;
}
