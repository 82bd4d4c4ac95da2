import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import type { StudyActor } from "@/server/door";
import type { Action } from "@/server/permissions";
import { actInStudy } from "@/server/services/study/act-in-study";
import { freshDatabase } from "@/tests/support/database";
import { makeStudy } from "@/tests/support/study";

const database = await freshDatabase();
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
const study = await makeStudy({ door: database.door, ownerUrl: database.owner });
const { reader, reader2 } = study.members;

const ask = ({ personId }: StudyActor, action: Action) =>
  actInStudy({ personId, slug: study.slug, action, locale: "en" }).then(
    () => "allowed",
    (error: { code: string }) => error.code,
  );
/** What the trail holds of refusals. */
const refusals = async () =>
  (
    await admin`
      select person_id, entity_id from audit_event where study_id = ${study.studyId} and action = 'access.refused' order by id`
  ).map(({ person_id, entity_id }) => [person_id, entity_id]);

test("the same refusal is noted once a quarter of an hour, of each person and action, however often and however many at once", async () => {
  const asked = Array.from({ length: 8 }, () => ask(reader, "pathology.view"));
  expect(await Promise.all(asked)).toEqual(Array(8).fill("forbidden"));
  expect(await ask(reader, "pathology.view")).toBe("forbidden");
  expect(await refusals()).toEqual([[reader.personId, "pathology.view"]]);

  expect(await ask(reader, "reading.read"), "control: nothing is refused").toBe("allowed");
  await ask(reader, "analysis.view");
  await ask(reader2, "pathology.view");
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`update audit_event set at = at - interval '15 minutes 1 second'`;
  });
  await ask(reader, "pathology.view");
  expect(await refusals()).toEqual([
    [reader.personId, "pathology.view"],
    [reader.personId, "analysis.view"],
    [reader2.personId, "pathology.view"],
    [reader.personId, "pathology.view"],
  ]);
});
