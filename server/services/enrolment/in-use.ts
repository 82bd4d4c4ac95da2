import { type AnyColumn, type SQL, sql } from "drizzle-orm";
import { consentWithdrawal } from "@/db/schema";

/** Whether the records of a subject may be used: the consent was not withdrawn, or what was recorded before may be used further. */
export const inUse = (subjectId: AnyColumn): SQL =>
  sql`not exists (select from ${consentWithdrawal} where ${consentWithdrawal.subjectId} = ${subjectId} and ${consentWithdrawal.scope} <> 'keep')`;
