import { randomUUID } from "node:crypto";
import PgBoss from "pg-boss";
import { afterAll, expect, test } from "vitest";
import { queues } from "@/db/queues";
import { queueJob } from "@/server/jobs";
import { lockStudy } from "@/server/services/lock/lock-study";
import { freshDatabase } from "../support/database";
import { makeStudy } from "../support/study";

const database = await freshDatabase();
const study = await makeStudy({ door: database.door, ownerUrl: database.owner });
const boss = new PgBoss({
  connectionString: database.worker,
  migrate: false,
  max: 1,
  supervise: false,
  schedule: false,
});
boss.on("error", () => {});
await boss.start();
afterAll(() => boss.stop({ graceful: false }));

test("jobs of one deed are taken in the order of their ids", async () => {
  const [first = "", second = ""] = [randomUUID(), randomUUID()].sort();
  const { principal_investigator: pi } = study.members;
  await database.door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
  await database.door.withActor(pi, async (tx) => {
    await queueJob(tx, pi, { kind: "train", queueId: second });
    await queueJob(tx, pi, { kind: "train", queueId: first });
  });
  const taken: string[] = [];
  for (let i = 0; i < 2; i++) taken.push(...(await boss.fetch(queues.train.name)).map(({ id }) => id));
  expect(taken).toEqual([first, second]);
});
