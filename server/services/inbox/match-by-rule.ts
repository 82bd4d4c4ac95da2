import type { DataSet } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { ofText } from "@/core/dicom/values";
import type { StudyActor } from "@/server/door";
import { type Placing, placeImage } from "@/server/services/series/place-image";
import { matchInbox } from "./match-inbox";
import { ofWhoseSubjects } from "./of-whose-subjects";
import { toldInbox } from "./told-inbox";

/**
 * Tries the rule again by which images find their exam (`placeImage`): what waits of a subject that was screened since, or of an exam that was recorded since, goes there. Manages its own transactions.
 * @param failed what did not go: it is left to a person, and not tried every minute
 * @returns how many studies went
 * @throws what the first that could not be put there threw, after the others
 */
export async function matchByRule(listener: StudyActor & { siteId: string }, failed: Set<string>): Promise<number> {
  const actor = await ofWhoseSubjects(listener);
  const places: Placing["places"] = new Map();
  let matched = 0;
  const failures: unknown[] = [];
  for (const { inboxId, hospitalNumber, studyDate } of await toldInbox(actor)) {
    if (failed.has(inboxId)) continue;
    const data: DataSet = new Map([
      [tagOf("PatientID"), ofText("LO", hospitalNumber)],
      [tagOf("StudyDate"), ofText("DA", studyDate)],
    ]);
    const place = await placeImage(actor, data, { given: {}, places });
    if ("key" in place) continue;
    // One that cannot be put there keeps no other back.
    await matchInbox(actor, { inboxId, examId: place.examId, by: "rule" }).then(
      ({ refused }) => (refused === 0 ? matched++ : failed.add(inboxId)),
      (error: unknown) => {
        failed.add(inboxId);
        failures.push(error);
      },
    );
  }
  if (failures.length > 0) throw failures[0];
  return matched;
}
