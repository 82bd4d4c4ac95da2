import { eq } from "drizzle-orm";
import { afterEach, expect, test } from "vitest";
import { job } from "@/db/schema";
import { withdrawConsent } from "@/server/services/enrolment/withdraw-consent";
import { findScoredCrops } from "@/server/services/model/find-scored-crops";
import { queueCompanion } from "@/server/services/model/queue-companion";
import { studyForRuns } from "@/tests/support/model-runs";
import { read } from "@/tests/support/said";
import { killed, startWorker, until } from "@/tests/support/worker";

const { database, study, scientist, crops, act, snapshot, makeRun } = await studyForRuns();
afterEach(killed);

test("nothing is trained any more on a snapshot with a subject who withdrew since, and no page of its run shows that subject", async () => {
  const runId = await makeRun({ snapshotId: await snapshot() });
  const number = crops[0]?.subject ?? "";
  const queue = () => act((tx) => queueCompanion(tx, scientist, { runId, kind: "short-axis" }));
  const ended = (id: string) =>
    until("the end of the run", async () => {
      const [row] = await act((tx) => tx.select().from(job).where(eq(job.id, id)));
      return row?.endedAt ? row : false;
    });
  const shown = async () =>
    new Set((await act((tx) => findScoredCrops(tx, scientist, { runId }))).map(({ subject }) => subject));
  expect(await shown()).toContain(number);

  startWorker(database.worker);
  expect((await ended((await queue()).runId)).state).toBe("done");
  await withdrawConsent(study.members.coordinator, { number, withdrawnOn: "2026-02-01", scope: "no_further_use" });
  const refused = await ended((await queue()).runId);
  expect(refused.state).toBe("failed");
  expect(read(refused.error)).toContain(`withdrew their consent since: ${number}`);
  expect(await shown()).not.toContain(number);
  expect((await shown()).size).toBe(5);
});
