import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { listSubjects } from "./list-subjects";

/** What the subjects' table shows: the protocol's items in their order, and the subjects. */
export async function subjectTable(tx: Tx, actor: StudyActor) {
  const { document } = await studyProtocol(tx, actor);
  return { items: document.baseline.items, subjects: await listSubjects(tx, actor) };
}
