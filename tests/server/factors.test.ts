import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { inLanguage } from "@/core/protocol/text";
import { analysedCrops, type RegionedCrop } from "@/server/services/analysis/analysed-crops";
import { factorsOf } from "@/server/services/analysis/factors-of";
import { loadFactors } from "@/server/services/analysis/load-factors";
import { columnsOf } from "@/server/services/bundle/columns";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "@/tests/support/database";
import { lockUnread } from "@/tests/support/model-runs";
import { addPatient, makeStudy, report } from "@/tests/support/study";

const shipped = parse((await shippedProtocol("demonstration")).source);
const visit = shipped.baseline.visits[0].key;
const options = ["upper", "lower"].map((key) => ({ key, label: key }));
/** Items of the baseline by the names of everything else that divides the images, and of a column. */
const taken = ["size", "plane", "region", "site", "scanner", "patient"];
const source = stringify(
  {
    ...shipped,
    baseline: {
      ...shipped.baseline,
      items: [
        ...shipped.baseline.items,
        ...taken.map((key) => ({ key, label: `Tumour ${key}`, type: "choice", visit, options })),
      ],
    },
  },
  // No anchors, which a protocol has not.
  { aliasDuplicateObjects: false },
);
const document = parseProtocol(source).document;

/** Four patients of one node in one plane. */
const crops = ["a", "b", "c", "d"].map(
  (id): RegionedCrop => ({
    ...{
      cropId: id,
      nodeId: id,
      subjectId: id,
      subject: id,
      node: "N1",
      plane: "axial",
      sha256: null,
      pixelSha256: null,
    },
    ...{ signature: null, width: null, height: null, truth: 0, shortAxisMm: 4, region: null },
  }),
);
const divided = (of: { regions?: (string | null)[]; recorded?: Record<string, (string | null)[]> }) => {
  const { factors, groupsOf } = factorsOf({
    document: inLanguage(document, "en"),
    crops: crops.map((crop, i) => ({ ...crop, region: of.regions?.[i] ?? null })),
    recorded: Object.entries(of.recorded ?? {}).flatMap(([factor, values]) =>
      values.flatMap((value, i) => (value === null ? [] : [{ subject_id: crops[i]?.subjectId ?? "", factor, value }])),
    ),
  });
  return {
    levels: factors.map(({ key, levels }) => [key, levels.map((level) => level.key)]),
    groups: crops.map((crop, i) => groupsOf({ ...crop, region: of.regions?.[i] ?? null })),
  };
};

test("a region that somebody typed is no level, and an image of one is in no group", () => {
  const { levels, groups } = divided({
    regions: ["Mrs Li, left axilla", "mesorectal", "superior rectal artery", "mesorectal"],
  });
  expect(levels).toEqual([["region", ["mesorectal", "superior rectal artery"]]]);
  expect(groups.map(({ region }) => region)).toEqual([null, "mesorectal", "superior rectal artery", "mesorectal"]);
  expect(divided({ regions: ["Mrs Li", "Mr Wu", "Mrs Li", "Mr Wu"] }).levels).toEqual([]);
});

test("names of sites and scanners are numbers, patient by patient; sites that are codes stay as they are", () => {
  const named = divided({
    recorded: {
      site: ["Union Hospital", "Beijing Hospital", null, "Union Hospital"],
      scanner: ["Skyra 3 T", "750", "750", "Skyra 3 T"],
    },
  });
  expect(named.levels).toEqual([
    ["site", ["1", "2"]],
    ["scanner", ["1", "2"]],
  ]);
  expect(named.groups.map(({ site, scanner }) => [site, scanner])).toEqual([
    ["1", "1"],
    ["2", "2"],
    [null, "2"],
    ["1", "1"],
  ]);
  expect(divided({ recorded: { site: ["S10", "S2", "S2", "S10"] } }).levels).toEqual([["site", ["S2", "S10"]]]);
  expect(divided({ recorded: { site: ["S10", "Union Hospital", "S10", "S10"] } }).levels).toEqual([
    ["site", ["1", "2"]],
  ]);
});

test("a column of a bundle is there once, whatever the items of the baseline are called", () => {
  const factors = [...taken.map((key) => `baseline_${key}`), "size", "plane", "region", "site", "scanner"];
  const { images, patients } = columnsOf(document, {
    factors: factors.map((key) => ({ key, levels: ["1", "2"] })),
    ruleSets: [],
  });
  for (const columns of [images, patients]) {
    const names = columns.map(({ name }) => name);
    expect(new Set(names).size, names.join()).toBe(names.length);
  }
  const meaning = (name: string) => images.find((column) => column.name === name)?.meaning.en;
  expect(meaning("group_site")).toMatch(/a name can tell who somebody is/);
  expect(meaning("group_scanner")).toMatch(/names are not here/);
});

const database = await freshDatabase();
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

test("an item of the baseline that is called as the records' own site divides the images beside it", async () => {
  const { door } = database;
  const study = await makeStudy({ door, ownerUrl: database.owner, source });
  const numbers: string[] = [];
  for (let seed = 1; seed <= 4; seed++) {
    const about = { name: `Patient ${seed}`, shortAxisMm: 5, positive: false, seed, only: ["axial"] as const };
    const { number, nodeId } = await addPatient(door, study, about);
    await report(door, study, nodeId, "negative");
    numbers.push(number);
  }
  // Two hospitals, and the item with either option in both of them.
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    const [other] = await run`
      insert into site select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'name', 'There'))).* from site s
       where s.study_id = ${study.studyId} returning id`;
    await run`update subject set site_id = ${study.siteId} where study_id = ${study.studyId}`;
    await run`update subject set site_id = ${other?.id} where study_id = ${study.studyId} and number in ${run(numbers.slice(2))}`;
    for (const [i, number] of numbers.entries())
      await run`
        insert into baseline_value
        select (jsonb_populate_record(b, jsonb_build_object('id', gen_random_uuid(), 'item_key', 'site', 'value', ${options[i % 2]?.key ?? ""}::text))).*
          from baseline_value b join subject s on s.id = b.subject_id
         where s.study_id = ${study.studyId} and s.number = ${number} and b.item_key = 't_stage'`;
  });
  await lockUnread(door, study);
  const { data_scientist: scientist } = study.members;
  const { factors, groupsOf, images } = await door.withActor(scientist, async (tx) => {
    const { crops: images } = await analysedCrops(tx, scientist, inLanguage(document, "en"));
    const about = { document: inLanguage(document, "en"), crops: images };
    expect(await tx.execute(sql`select 1 from nw.subject_groups()`), "control").not.toHaveLength(0);
    return { ...(await loadFactors(tx, about)), images };
  });
  expect(factors.map(({ key, label, levels }) => [key, label, levels.map((level) => level.key)])).toEqual([
    ["baseline_site", "Tumour site", ["upper", "lower"]],
    ["site", null, ["1", "2"]],
  ]);
  expect(images.map((image) => [groupsOf(image).baseline_site, groupsOf(image).site])).toEqual([
    ["upper", "1"],
    ["lower", "1"],
    ["upper", "2"],
    ["lower", "2"],
  ]);
}, 120_000);
