import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { queueSweep } from "@/server/services/model/queue-sweep";
import { queueTraining } from "@/server/services/model/queue-training";
import { freshDatabase } from "@/tests/support/database";
import { lockUnread } from "@/tests/support/model-runs";
import { addPatient, type MadeStudy, makeStudy, report } from "@/tests/support/study";

/*
 * That there is no negative image is every truth of a study: whoever is told so has looked at them, and that stands in the trail although nothing was queued.
 */

const { door, owner } = await freshDatabase();

/** A locked study of four patients with an image each. */
async function lockedStudy(results: readonly ("positive" | "negative")[]): Promise<MadeStudy> {
  const study = await makeStudy({ door, ownerUrl: owner });
  for (const [i, result] of results.entries()) {
    const about = { name: `P${i}`, shortAxisMm: 6 + i, positive: true, seed: i + 1 };
    const { nodeId } = await addPatient(door, study, { ...about, only: ["axial"] });
    await report(door, study, nodeId, result);
  }
  await lockUnread(door, study);
  return study;
}

const looks = ({ studyId, members: { monitor } }: MadeStudy) =>
  door.withActor(monitor, (tx) =>
    tx.execute(sql`select action, role, entity_id from audit_event
      where study_id = ${studyId} and action in ('figures.viewed', 'study.unblinded') order by id`),
  );

const ask = {
  training: ({ members: { data_scientist: scientist } }: MadeStudy) => queueTraining(scientist, { folds: 2 }),
  sweep: ({ members: { data_scientist: scientist } }: MadeStudy) =>
    queueSweep(scientist, { folds: 2, depths: [94, 93], frozenUnit: "convolutions" }),
};

test.each(["training", "sweep"] as const)(
  "a %s that is refused because all truths are of a class is noted as a look at truths",
  async (kind) => {
    const study = await lockedStudy(["positive", "positive", "positive", "positive"]);
    await expect(ask[kind](study)).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringMatching(/there is no negative image/),
    });
    await expect(ask[kind](study), "within the quarter of an hour one look").rejects.toThrow();
    const role = "nw_data_scientist";
    expect([...(await looks(study))]).toEqual([
      { action: "figures.viewed", role, entity_id: study.studyId },
      { action: "study.unblinded", role, entity_id: study.studyId },
    ]);
  },
  60_000,
);

test("so is one that names whose images are all of a class; one that is queued, or refused for another reason, is none", async () => {
  const one = await lockedStudy(["positive", "negative", "negative", "negative"]);
  await expect(ask.training(one)).rejects.toMatchObject({
    code: "invalid",
    message: expect.stringMatching(/all positive images are of/),
  });
  expect(await looks(one)).toHaveLength(2);

  const both = await lockedStudy(["positive", "negative", "positive", "negative"]);
  await expect(queueTraining(both.members.data_scientist, { folds: 9 })).rejects.toMatchObject({ code: "invalid" });
  await expect(ask.training(both), "control").resolves.toHaveProperty("runId");
  expect(await looks(both)).toHaveLength(0);
}, 60_000);
