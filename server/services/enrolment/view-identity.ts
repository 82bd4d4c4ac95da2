import { sql } from "drizzle-orm";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findSubject } from "./find-subject";

/**
 * Who a subject is. That somebody looks is written down first, and the name is told to a later transaction (`nw.identity_of()`): manages its own.
 * @throws AppError "not_found" where it was never recorded, or is forgotten
 */
export async function viewIdentity(
  actor: StudyActor,
  options: { number: string },
): Promise<{ name: string; hospitalNumber: string }> {
  const found = await withActor(actor, async (tx) => {
    const subject = await findSubject(tx, actor, options);
    const [look] = await tx.execute<{ known: boolean }>(sql`select nw.look_at_identity(${subject.id}) as known`);
    return { ...subject, known: look?.known };
  });
  const [identity] = found.known
    ? await withActor(actor, (tx) =>
        tx.execute<{ name: string; hospital_number: string }>(sql`select * from nw.identity_of(${found.id})`),
      )
    : [];
  if (!identity?.name)
    throw new AppError("not_found", { key: "errors.identity_unknown", values: { subject: found.number } });
  return { name: identity.name, hospitalNumber: identity.hospital_number };
}
