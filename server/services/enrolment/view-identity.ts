import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { subjectIdentity } from "@/db/schema";
import { record } from "@/server/audit";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findSubject } from "./find-subject";

/**
 * Who a subject is; that somebody looked is written down.
 * @throws AppError "not_found" where it was never recorded, or is forgotten
 */
export async function viewIdentity(tx: Tx, actor: StudyActor, options: { number: string }) {
  const found = await findSubject(tx, actor, options);
  const [identity] = await tx
    .select({ name: subjectIdentity.name, hospitalNumber: subjectIdentity.hospitalNumber })
    .from(subjectIdentity)
    .where(eq(subjectIdentity.subjectId, found.id));
  if (!identity?.name)
    throw new AppError("not_found", { key: "errors.identity_unknown", values: { subject: found.number } });
  await record(tx, "identity.viewed", { entity: "subject", entityId: found.number });
  return identity;
}
