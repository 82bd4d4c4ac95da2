import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { subject, subjectIdentity } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { hospitalNumberOf } from "./hospital-number";

const givenNames = ["Alma", "Bruno", "Carla", "Dario", "Edith", "Felix", "Greta", "Hugo", "Irene", "Jakob", "Klara"];
const familyNames = ["Muster", "Specimen", "Beispiel", "Exemple", "Ejemplo", "Esempio", "Placeholder"];

/** Gives every patient of a demonstration an invented identity. Runs as the coordinator: nobody else writes who a subject is. */
export async function addIdentities(tx: Tx, actor: StudyActor): Promise<void> {
  const known = new Set((await tx.select({ id: subjectIdentity.subjectId }).from(subjectIdentity)).map(({ id }) => id));
  const subjects = await tx
    .select({ id: subject.id, number: subject.number })
    .from(subject)
    .where(eq(subject.studyId, actor.studyId))
    .orderBy(subject.number);
  const rows = subjects.map(({ id, number }, index) => ({
    subjectId: id,
    studyId: actor.studyId,
    name: `${givenNames[index % givenNames.length]} ${familyNames[index % familyNames.length]}`,
    hospitalNumber: hospitalNumberOf(number),
  }));
  await insertInChunks(
    tx,
    subjectIdentity,
    rows.filter(({ subjectId }) => !known.has(subjectId)),
  );
}
