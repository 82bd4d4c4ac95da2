import { eq } from "drizzle-orm";
import { expect, test } from "vitest";
import { job } from "@/db/schema";
import { createCaller } from "@/server/api/root";
import type { StudyActor } from "@/server/door";
import { closeSession } from "@/server/services/session/close-session";
import { endMember } from "@/server/services/study/end-member";
import { studyForRuns } from "@/tests/support/model-runs";

const { admin, study, door, asWorker, snapshot, makeRun } = await studyForRuns();
const { principal_investigator: pi, administrator, data_scientist: scientist } = study.members;

const runId = await makeRun({ snapshotId: await snapshot(), state: "queued" });
let step = 0;
/** Something new to tell: an open stream says it at its next step. */
const goOn = () => asWorker((tx) => tx.update(job).set({ done: ++step, total: 100 }).where(eq(job.id, runId)));

/** A stream of the run for this member, with a session of its own, of which the first step has come. */
async function opened({ personId }: StudyActor) {
  const [session] = await admin`
    insert into session (person_id, expires_at) values (${personId}, now() + interval '1 hour') returning id`;
  const sessionId = String(session?.id);
  await admin`insert into credential (person_id, password_hash) values (${personId}, 'x') on conflict do nothing`;
  const person = { sessionId, personId, email: "a@example.org", name: "A", mayCreateStudies: false };
  const caller = createCaller({
    person: { ...person, administersAccounts: false, mustChangePassword: false },
    locale: "en",
  });
  const stream = (await caller.model.live({ study: study.slug, runId }))[Symbol.asyncIterator]();
  expect((await stream.next()).value).toMatchObject({ run: { id: runId } });
  return { sessionId, stream };
}

test("a stream goes on while its session and membership do, and ends with either", async () => {
  const one = await opened(pi);
  const other = await opened(scientist);
  for (const { stream } of [one, other]) {
    await goOn();
    expect((await stream.next()).value, "control").toMatchObject({ run: { id: runId } });
  }
  await closeSession({ sessionId: one.sessionId, personId: pi.personId, from: "another" });
  await door.withActor(administrator, (tx) =>
    endMember(tx, administrator, { membershipId: String(scientist.membershipId) }),
  );
  await goOn();
  await expect(one.stream.next()).rejects.toMatchObject({ code: "not_signed_in" });
  await expect(other.stream.next()).rejects.toMatchObject({ said: { key: "errors.study_not_yours" } });
});
