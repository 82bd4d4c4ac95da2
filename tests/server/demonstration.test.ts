import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { adjacent } from "@/core/reading/designs/order";
import { demonstrationAccounts, demonstrationPassword } from "@/server/services/demonstration/accounts";
import { seedDemonstration } from "@/server/services/demonstration/seed-demonstration";
import { drawnOrder } from "@/server/services/reading/drawn-order";
import { listSeries } from "@/server/services/series/list-series";
import { openSession } from "@/server/services/session/open-session";
import { everyStudy } from "@/server/services/study/every-study";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { studyCounts } from "@/server/services/study/study-counts";
import { freshDatabase } from "@/tests/support/database";
import { lookAtAll } from "@/tests/support/look";

const { owner: ownerUrl, worker: url, actorSecret: secret, withActor } = await freshDatabase();

const state = async (name: string) => {
  const { actor } = await studyAsCommandLine(name);
  return withActor(actor, (tx) => studyCounts(tx, actor));
};

const everything = async () =>
  Promise.all(
    (await everyStudy()).map(async ({ name }) => {
      const { actor } = await studyAsCommandLine(name);
      return withActor(actor, async (tx) => {
        const [row] = await tx.execute<{ runs: number; members: number; subjects: number; reads: number }>(
          sql`select (select count(*)::int from model_run) as runs, (select count(*)::int from membership) as members,
              (select count(*)::int from subject) as subjects, (select count(*)::int from read) as reads`,
        );
        return { name, ...row };
      });
    }),
  );

test("the demonstration is one locked study with its training queued and one running study, seeded once", async () => {
  const accounts = await seedDemonstration({ ownerUrl });
  expect(accounts.map(({ email }) => email)).toEqual(demonstrationAccounts.map(({ email }) => email));
  const seeded = await everything();
  expect(await everyStudy()).toMatchObject([
    { name: "Demonstration, running", state: "running", synthetic: true },
    { name: "Demonstration, locked", state: "locked", synthetic: true },
  ]);
  expect(seeded.map(({ runs }) => runs)).toEqual([0, 1]);

  await seedDemonstration({ ownerUrl });
  expect(await everything()).toEqual(seeded);
});

test("two exams of the running study were taken in from a phantom: three planes each, as the protocol asks, nothing held once the worker has looked for letters", async () => {
  await lookAtAll({ url, secret });
  const { actor } = await studyAsCommandLine("Demonstration, running");
  const exams = await Promise.all(
    ["013", "015", "016"].map((number) => withActor(actor, (tx) => listSeries(tx, actor, { number }))),
  );
  const stacks = exams.map(([exam]) =>
    exam?.series.flatMap(({ stacks, held }) =>
      stacks.map(({ orientation, frames, step }) => [orientation.name, frames.length, step?.toFixed(1), held]),
    ),
  );
  const asAsked = [
    ["sagittal", 12, "4.4", 0],
    ["axial", 12, "3.7", 0],
    ["coronal", 12, "3.2", 0],
  ];
  expect(stacks).toEqual([asAsked, asAsked, []]);
  expect(exams[0]?.[0]?.sequences.map(({ isThere, deviations }) => [isThere, deviations])).toEqual(
    Array.from({ length: 3 }, () => [true, []]),
  );
  expect(exams[0]?.[0]?.series.map(({ description }) => description)).toEqual([
    "T2 TSE sag phantom",
    "T2 TSE ax phantom",
    "T2 TSE cor phantom",
  ]);
}, 400_000);

test("the locked study is complete: 60 patients, 100 nodes, every scheduled case read by both readers", async () => {
  const { counts, missing } = await state("Demonstration, locked");
  expect(counts).toMatchObject({ enrolled: 60, nodes: 100, nodesWithoutPathology: 0, cropsUnscheduled: 0 });
  expect(counts.readsSubmitted).toBe(counts.readsScheduled);
  expect(counts.readsScheduled).toBe(4 * counts.crops);
  expect(missing.map(({ key }) => key)).toEqual(["nodesLackingCrops"]);
});

test("the seed of every list draws its order again", async () => {
  const { actor } = await studyAsCommandLine("Demonstration, locked");
  const lists = await withActor(actor, (tx) =>
    tx.execute<{ seed: string; cases: { id: string; node: string }[] }>(
      sql`select l.seed, json_agg(json_build_object('id', s.case_id, 'node', k.node_id) order by s.position) as cases
        from reading_list l join reading_slot s on s.list_id = l.id join reading_case k on k.id = s.case_id group by l.id`,
    ),
  );
  expect(lists).toHaveLength(4);
  for (const { seed, cases } of lists) {
    expect(drawnOrder({ cases: cases.toReversed(), seed })).toEqual(cases.map(({ id }) => id));
    expect(adjacent(cases)).toBe(0);
  }
});

test("in the running study every role finds work", async () => {
  const { counts } = await state("Demonstration, running");
  for (const waiting of [
    "screening",
    "eligible",
    "screenFailures",
    "enrolledWithoutNode",
    "nodesLackingCrops",
    "nodesWithoutPathology",
  ] as const) {
    expect(counts[waiting], waiting).toBeGreaterThan(0);
  }
  const { actor } = await studyAsCommandLine("Demonstration, running");
  const lists = await withActor(actor, (tx) =>
    tx.execute(sql`select m.reader_code, l.condition_key, (select count(*)::int from reading_progress p where p.list_id = l.id) as done, ${counts.crops}::int as total
      from reading_list l join membership m on m.id = l.membership_id order by 1, 2`),
  );
  const half = Math.floor(counts.crops / 2);
  expect([...lists].map((list) => list.done)).toEqual([half, 0, counts.crops, 0]);
});

test("everybody signs in with the demonstration's password, and with no other; the command line's person cannot", async () => {
  const signIn = (email: string, password: string) =>
    openSession({ email, password, source: "192.0.2.1", userAgent: "test", hours: 1 });
  for (const { email } of demonstrationAccounts)
    expect(await signIn(email, demonstrationPassword)).toHaveProperty("sessionId");
  expect(await signIn("pi@demo.nodewise.example", "another")).toBeNull();
  expect(await signIn("command-line@nodewise.invalid", "")).toBeNull();
});
