import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readNewProtocol, readProtocol } from "@/core/protocol/read-protocol";
import { sayIn } from "@/core/words";

type Document = Record<string, unknown>;
const shipped = (key: string): Document => parse(readFileSync(`protocols/${key}.yaml`, "utf8"));
const ofFormat1 = (key: string): Document =>
  parse(readFileSync(new URL(`format-1/${key}.yaml`, import.meta.url), "utf8"));
const problemsOf = (raw: unknown) => readNewProtocol(raw).problems?.map(sayIn("en")) ?? null;
const keys = ["li-2021", "demonstration", "image-set"];

describe.each(keys)("the shipped protocol %s", (key) => {
  it("keeps every rule", () => {
    expect(readNewProtocol(shipped(key)).problems).toBeNull();
  });
});

describe("a key of 121 characters, of a region or an option", () => {
  const long = "r".repeat(121);
  const stored = { ...ofFormat1("li-2021"), regions: [long], tStages: [long] };

  it("stays readable where it is stored", () => {
    const { regions, baseline } = readProtocol(stored);
    expect(regions).toEqual([{ key: long, label: long }]);
    expect(baseline.items).toContainEqual(expect.objectContaining({ options: [{ key: long, label: long }] }));
  });

  it("is refused where it comes in; one of 120 is not", () => {
    expect(problemsOf(stored)).toEqual([
      expect.stringMatching(
        /^baseline\.items\.2\.options\.0\.key: "r{60} \.\.\." is too long; write at most 120 characters$/,
      ),
      expect.stringMatching(/^regions\.0\.key: "r{60} \.\.\." is too long; write at most 120 characters$/),
    ]);
    const allowed = long.slice(1);
    expect(readNewProtocol({ ...stored, regions: [allowed], tStages: [allowed] }).problems).toBeNull();
  });
});

describe.each(keys)("%s as an installation of format 1 stored it", (key) => {
  const old = ofFormat1(key);
  const read = readProtocol(old);

  it("is read in today's shape, and comes in, too", () => {
    expect(read.format).toBe(2);
    expect(readNewProtocol(old)).toEqual({ document: read, problems: null });
  });

  it("shows in each condition what it showed", () => {
    const before = (old.conditions as { key: string; showsSize: boolean; washOutDays: number }[]).map(
      ({ key, showsSize, washOutDays }) => ({ key, shows: showsSize ? ["size"] : [], washOutDays }),
    );
    expect(read.conditions).toMatchObject(before);
    expect(JSON.stringify(read)).not.toContain("showsSize");
  });

  it("keeps criteria, form, rule sets, readers, network and the compared families as they were", () => {
    for (const part of ["key", "title", "version", "criteria", "form", "ruleSets", "readers", "planes"] as const)
      expect(read[part]).toEqual(old[part]);
    expect(read.network).toMatchObject(old.network as Document);
    expect(read.analysis).toEqual({ comparisons: (old.analysis as Document).comparisons });
    expect(read.regions.map((region) => region.key)).toEqual(old.regions);
    expect(read.reading).toEqual({ case: "image" });
  });

  it("asks for the sex, age and T stage that stood in the code", () => {
    const [sex, age, tStage] = read.baseline.items;
    expect(read.baseline.items.map((item) => item.required)).toEqual([true, true, true]);
    expect(sex).toMatchObject({ key: "sex", options: [{ key: "male" }, { key: "female" }] });
    expect(age).toMatchObject({ key: "age_years", min: 0, max: 120, decimals: 0 });
    const stages = old.tStages as string[];
    if (stages.length > 0) expect(tStage).toMatchObject({ options: stages.map((stage) => ({ key: stage })) });
    else expect(tStage).toMatchObject({ key: "t_stage", type: "text" });
  });
});

describe("a protocol whose parts do not fit each other", () => {
  const untrainable = {
    ...shipped("image-set"),
    network: { ...(shipped("image-set").network as Document), weights: "imagenet-keras" },
  };

  it("is refused when it comes in, and read as it is once it is stored: a study that runs under it goes on", () => {
    expect(problemsOf(untrainable)).toEqual([expect.stringMatching(/^network: weights: .*Take those/)]);
    expect(readProtocol(untrainable).network).toMatchObject({ weights: "imagenet-keras" });
    expect(() => readProtocol({ ...untrainable, planes: [] })).toThrow();
  });
});

describe("a refusal names field, value and remedy", () => {
  /** Sets one field of the founding protocol, named by its path. */
  const changed = (path: string, value: unknown): Document => {
    const document = structuredClone(shipped("li-2021"));
    const names = path.split(".");
    const last = names.pop() ?? "";
    const holder = names.reduce<unknown>((part, name) => (part as Document)[name], document) as Document;
    if (value === undefined) delete holder[last];
    else holder[last] = value;
    return document;
  };
  const anItem = { key: "x", label: "X", visit: "mri" };

  it.each<[path: string, value: unknown, problem: RegExp]>([
    ["format", undefined, /^format: is missing; write 2$/],
    ["lesion", undefined, /^lesion: is missing; write a text$/],
    ["colour", "red", /^protocol: "colour" is not known here; correct the name, or remove it$/],
    ["title", { en: "Only English" }, /^title: .*"Only English".* is no text; write one, or one in each language/],
    ["planes", [], /^planes: is empty; fill it in$/],
    ["conditions.0.shows", ["truth"], /^conditions.0.shows.0: "truth" is not known; write "size"$/],
    ["conditions.0.shows", ["size", "size"], /^conditions.0.shows: "size" is there twice/],
    [
      "imaging.qualityReasons",
      [
        { key: "motion", label: "Motion" },
        { key: "motion", label: "Moved" },
      ],
      /^imaging.qualityReasons: "motion" is there twice/,
    ],
    ["imaging.qualityReasons", [], /^imaging.qualityReasons: is empty; fill it in$/],
    ["conditions.1.key", "cohort-1", /^conditions: "cohort-1" is there twice/],
    ["conditions.1.washOutDays", "four weeks", /washOutDays: "four weeks" is not a number; write a number$/],
    ["conditions.0.repeats", "cohort-2", /repeats: "cohort-2" is no earlier condition \(there is none\)/],
    ["conditions.1.repeats", "cohort-1", /repeats: "cohort-1" shows something else; a repetition shows the same/],
    ["reading.case", "patient", /^reading.case: "patient" is not known; write one of "image", "node"$/],
    ["readers", ["R 2", "R2 "], /^readers.1: "R2 " is no reader code; write 1 to 20 characters without blanks at the/],
    ["form.ruleSet", "mine", /^form.ruleSet: "mine" is not one of ruleSets \(esgar-2016, as-printed\)/],
    ["ruleSets.0.sizeShown.2.upTo", 20, /^ruleSets.0.sizeShown: the last band has a bound; leave it out/],
    ["ruleSets.0.sizeHidden.criteria", 4, /^ruleSets.0: 4 criteria are more than the form has \(3\)/],
    ["criteria.0.key", "Biopsy", /^criteria.0.key: "Biopsy" is no key; write lower-case letters/],
    ["criteria.5.computed", "short_axis >= 3", /at position 1: "short_axis" is not known; write one of sex, age_years/],
    ["baseline.items.0.key", "mri_date", /key: "mri_date" is a value that the records give; choose another key$/],
    ["baseline.items.0.key", "not", /key: "not" is a word of the criteria; choose another key$/],
    ["baseline.items.0.key", "patient-sex", /"patient-sex" is no key of an item/],
    ["baseline.items.0.visit", "discharge", /"discharge" is not one of visits \(enrolment, mri, surgery\)/],
    [
      "baseline.items.0.type",
      "colour",
      /type: "colour" is not known; write one of "number", "choice", "date", "text"$/,
    ],
    ["baseline.items.1.min", 130, /min: 130 is above max 120; exchange them$/],
    ["baseline.items.2.options.1.key", "T1", /^baseline.items.2.options: "T1" is there twice/],
    [
      "baseline.items.3",
      { ...anItem, type: "date", notBefore: "2026-02-01", notAfter: "2026-01-01" },
      /notBefore: 2026-02-01 is after notAfter 2026-01-01; exchange them$/,
    ],
    ["baseline.items.3", { ...anItem, type: "date", notAfter: "soon" }, /notAfter: "soon" is no day; write it as/],
    ["network.folds", 50, /^network.folds: 50 is too large; write at most 20$/],
    ["network.inputSize", 32, /^network.inputSize: 32 is too small; write at least 75$/],
    ["analysis.primary", "AUC", /^analysis.primary: /],
    ["analysis.multiplicity", "holm", /^analysis: "multiplicity" is not known here/],
    ["analysis.primary.margin", 5, /^analysis.primary.margin: 5 is too large/],
    [
      "analysis.comparisons",
      ["plane"],
      /^analysis.comparisons.0: "plane" is not known; write one of "condition", "reader"/,
    ],
  ])("%s = %j", (path, value, problem) => {
    expect(problemsOf(changed(path, value))).toContainEqual(expect.stringMatching(problem));
  });

  it("and what is allowed passes: a repetition, days as bounds, a smaller input", () => {
    const repeated = { key: "again", label: "Again", shows: ["size"], washOutDays: 28, repeats: "cohort-2" };
    const dated = { ...anItem, type: "date", notBefore: "2026-02-01", notAfter: "today" };
    for (const [path, value] of [
      ["conditions", [...(shipped("li-2021").conditions as unknown[]), repeated]],
      ["baseline.items.4", dated],
      ["network.inputSize", 75],
      ["network.inputSize", undefined],
    ] as const)
      expect(readNewProtocol(changed(path, value)).problems).toBeNull();
  });

  it("and none speaks of more than the first few of many values", () => {
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, 1]));
    expect(problemsOf({ ...shipped("li-2021"), ...many })).toEqual([
      expect.stringMatching(/^protocol: "k0", .* and 992 more are not known here/),
    ]);
  });
});
