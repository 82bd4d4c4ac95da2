import { createHash } from "node:crypto";
import type postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawnOrder } from "@/server/services/reading/drawn-order";
import { oldInstallation } from "@/tests/support/installation";

/*
 * What an installation of 2283b68 held of its reading: crops in schedules and reads become cases with the same ids, so nothing that was hashed changes.
 */

const { admin, upgrade, remove } = await oldInstallation();

const counted = () => admin`
  select (select count(*)::int from reading_list) as lists, (select count(*)::int from reading_slot) as slots,
         (select count(*)::int from read) as reads, (select count(*)::int from reading_progress) as progress`;

let before: postgres.RowList<postgres.Row[]>;
let lists: postgres.RowList<postgres.Row[]>;
let images: number;

beforeAll(async () => {
  before = await counted();
  lists = await admin`select id, shows_size from reading_list order by id`;
  const [row] =
    await admin`select count(*)::int as n from (select crop_id from reading_slot union select crop_id from read) c`;
  images = row?.n;
  await upgrade();
});
afterAll(remove);

test("every list, place and read is kept, and each image of them is a case of its own", async () => {
  expect(before[0]?.reads, "there is something to keep").toBeGreaterThan(100);
  expect(await counted()).toEqual(before);
  const [cases] = await admin`
    select count(*)::int as cases, count(*) filter (where k.crop_id = c.id and k.ordinal = 1)::int as of_one_image
      from reading_case c join case_crop k on k.case_id = c.id and k.study_id = c.study_id`;
  expect(cases).toEqual({ cases: images, of_one_image: images });
  const orphans = await admin`
    select 1 from read r where not exists (select from reading_case c where c.id = r.case_id and c.study_id = r.study_id) or r.occasion <> 1`;
  expect(orphans).toHaveLength(0);
});

test("what a list shows is what it showed", async () => {
  const now =
    await admin`select id, 'size' = any (shows) as shows_size, cardinality(shows) as n from reading_list order by id`;
  expect(now.map(({ id, shows_size }) => ({ id, shows_size }))).toEqual([...lists]);
  expect(new Set(now.map(({ n }) => n))).toEqual(new Set([0, 1]));
});

test("the hash of each order is still that of its places", async () => {
  const orders = await admin`
    select l.order_sha256 as hash, string_agg(s.case_id::text, E'\\n' order by s.position) as ids
      from reading_list l join reading_slot s on s.list_id = l.id group by l.id`;
  expect(orders.length).toBe(lists.length);
  for (const { hash, ids } of orders) expect(createHash("sha256").update(ids).digest("hex")).toBe(hash);
});

test("the seed of a list that was drawn before draws its order again, by the rule of that time", async () => {
  const drawn = await admin<{ seed: string; cases: string[] }[]>`
    select l.seed, array_agg(s.case_id order by s.position) as cases from reading_list l join reading_slot s on s.list_id = l.id
      join study on study.id = l.study_id where not study.synthetic group by l.id`;
  expect(drawn.length).toBeGreaterThan(0);
  for (const { seed, cases } of drawn) {
    expect(seed).toMatch(/^\d{1,10}$/);
    expect(drawnOrder({ cases: cases.toReversed().map((id) => ({ id, node: "" })), seed })).toEqual(cases);
  }
});
