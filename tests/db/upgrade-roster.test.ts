import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { oldInstallation } from "@/tests/support/installation";

/*
 * An installation of 2283b68 in which two requests at once had made what the indexes of today refuse: it is set right, and what counted still counts.
 */

const { admin, upgrade, remove } = await oldInstallation();

let read: string;
let node: string;
let subject: string;
let consents: number;

/** A copy of a row, as a second request had made it at the same time. */
const copy = (table: string, id: string, changes: Record<string, string | null>) =>
  admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run.unsafe(
      `insert into ${table} select r.* from ${table} t, jsonb_populate_record(t, $1::text::jsonb) r where t.id = $2`,
      [JSON.stringify(changes), id],
    );
  });

beforeAll(async () => {
  const [crop] = await admin`
    select c.id, c.node_id, n.subject_id from crop c join node n on n.id = c.node_id join read r on r.crop_id = c.id
      join pathology_report p on p.node_id = n.id join consent k on k.subject_id = n.subject_id where c.superseded_at is null limit 1`;
  read = crop?.id;
  node = crop?.node_id;
  subject = crop?.subject_id;
  const later = "2199-01-01T00:00:00Z";
  await copy("crop", read, { id: randomUUID(), created_at: later });
  const [report] =
    await admin`select id from pathology_report where node_id = ${node} order by reported_at desc limit 1`;
  await copy("pathology_report", report?.id, { id: randomUUID(), result: "negative", reported_at: later });
  await copy("pathology_report", report?.id, {
    id: randomUUID(),
    result: "positive",
    reported_at: "2199-01-02T00:00:00Z",
  });
  const [signed] = await admin`select id from consent where subject_id = ${subject}`;
  const [before] = await admin`select count(*)::int as n from consent`;
  consents = before?.n;
  await copy("consent", signed?.id, { id: randomUUID(), recorded_at: later });
  await upgrade();
});
afterAll(remove);

test("of two current crops the one that was read stays current, the other is superseded", async () => {
  const crops = await admin`
    select c.id, c.superseded_at is null as current from crop c join crop o on o.node_id = c.node_id and o.plane = c.plane where o.id = ${read}`;
  expect(crops).toHaveLength(2);
  expect(crops.filter(({ current }) => current).map(({ id }) => id)).toEqual([read]);
});

test("of three first reports each later one corrects the one before, and the newest counts as before", async () => {
  const reports = await admin`
    select id, result, supersedes, reason from pathology_report where node_id = ${node} order by reported_at`;
  expect(reports.map(({ supersedes }) => supersedes)).toEqual([null, reports[0]?.id, reports[1]?.id]);
  for (const { reason } of reports.slice(1)) expect(reason).toMatch(/at the same time/);
  expect(await admin`select result from nw.current_report where node_id = ${node}`).toEqual([{ result: "positive" }]);
});

test("of two consents the first stays, and no other is touched", async () => {
  expect(await admin`select recorded_at < '2199-01-01' as first from consent where subject_id = ${subject}`).toEqual([
    { first: true },
  ]);
  expect((await admin`select id from consent`).length).toBe(consents);
});
