import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { studyProtocol } from "@/server/services/study/study-protocol";

/** What the forms of screening and enrolment ask. */
export async function enrolmentForm(tx: Tx, actor: StudyActor) {
  const { document } = await studyProtocol(tx, actor);
  return { criteria: document.criteria, baseline: document.baseline };
}
