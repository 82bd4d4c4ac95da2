import { afterAll, expect, test } from "vitest";
import { openDoor } from "@/db/actor";
import { recordedBaseline } from "@/server/services/bundle/recorded-baseline";
import { recordValues } from "@/server/services/enrolment/record-values";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { freshDatabase } from "@/tests/support/database";
import { lockUnread } from "@/tests/support/model-runs";
import { addPatient, makeStudy } from "@/tests/support/study";

const database = await freshDatabase();
const { door } = database;
const workerDoor = openDoor({ url: database.worker, secret: database.actorSecret, max: 1 });
afterAll(() => workerDoor.close());

test("a day of the baseline is no choice because a later version of the protocol calls its item one", async () => {
  const study = await makeStudy({ door, ownerUrl: database.owner });
  const { coordinator, principal_investigator: pi } = study.members;
  const patient = (seed: number) =>
    addPatient(door, study, { name: `P${seed}`, shortAxisMm: 6, positive: true, seed, only: [] });
  const record = (number: string, surgery_date: string) =>
    door.withActor(coordinator, (tx) =>
      recordValues(tx, coordinator, { number, values: { surgery_date }, reason: null }),
    );
  const [early, late] = [await patient(1), await patient(2)];
  await record(early.number, "2026-01-10");
  const { source } = await shippedProtocol("demonstration");
  const other = source
    .replace('version: "1.2"', 'version: "2.0"')
    .replace(/\n {4}computed: surgery_date.*/, "")
    .replace(/\n {2}order: \[.*\]/, "")
    .replace(
      /- key: surgery_date\n {6}type: date/,
      "- key: surgery_date\n      type: choice\n      options: [{ key: planned, label: Planned }, { key: done, label: Done }]",
    );
  await door.withActor(pi, (tx) => addProtocolVersion(tx, pi, { source: other, reason: "A typo" }));
  await record(late.number, "planned");
  await lockUnread(door, study);

  const rows = await workerDoor.withActor(
    { role: "worker", personId: null, studyId: study.studyId, siteId: null, membershipId: null },
    async (tx) => {
      const { document } = await studyProtocol(tx, pi);
      return recordedBaseline(tx, { studyId: study.studyId, document });
    },
  );
  const surgery = rows.filter(({ key }) => key === "surgery_date").map(({ value }) => value);
  expect(new Set(surgery)).toEqual(new Set([null, "planned"]));
  expect(JSON.stringify(rows)).not.toContain("2026-01-10");
  // Control: what both versions call the same stands.
  expect(rows.filter(({ key }) => key === "t_stage").map(({ value }) => value)).toEqual(["T3", "T3"]);
  expect(rows.filter(({ key }) => key === "age_years").map(({ value }) => value)).toEqual([60, 60]);
}, 60_000);
