import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/*
 * Writes core/dicom/tables/{profile,dictionary}.json from a folder with three files:
 *   confidentiality_profile_attributes.json, attributes.json   of github.com/innolitics/dicom-standard (MIT), standard/
 *   dicomfields_2026c.py                                       of the package dicom-anonymizer 2.1.0 of PyPI (BSD)
 * The first two are PS3.15 Table E.1-1 and PS3.6 as data, every column; the third is a newer edition of the table, of which it has the Basic Profile alone. A row
 * that only the newer edition has comes in without options: what no option is known to keep is not kept.
 *
 *   node scripts/run.mjs scripts/dicom/main.ts FOLDER
 */

const [folder] = process.argv.slice(2);
if (!folder) throw new Error("Name the folder with the three files.");
const textOf = (name: string) => readFileSync(join(folder, name), "utf8");

const option = z.enum(["K", "C"]).optional();
const rows = z
  .array(
    z.object({
      tag: z.string(),
      name: z.string(),
      stdCompIOD: z.enum(["Y", "N"]),
      basicProfile: z.string(),
      rtnSafePrivOpt: option,
      rtnUIDsOpt: option,
      rtnDevIdOpt: option,
      rtnInstIdOpt: option,
      rtnPatCharsOpt: option,
      rtnLongFullDatesOpt: option,
      rtnLongModifDatesOpt: option,
      cleanDescOpt: option,
      cleanStructContOpt: option,
      cleanGraphOpt: option,
    }),
  )
  .parse(JSON.parse(textOf("confidentiality_profile_attributes.json")));
const attributes = z
  .array(z.object({ tag: z.string(), keyword: z.string(), valueRepresentation: z.string() }))
  .parse(JSON.parse(textOf("attributes.json")));

/** "(60XX,3000)" as "60XX3000"; the row of the private attributes is "private". */
const tagOf = (tag: string) => (tag.includes("ODD") ? "private" : tag.replace(/[(),\s]/g, "").toUpperCase());

interface Row {
  tag: string;
  name: string;
  /** Basic Profile. */
  basic: string;
  options: Record<string, "K" | "C">;
}

const profile = rows.map(
  ({ tag, name, basicProfile, stdCompIOD: _, ...options }): Row => ({
    tag: tagOf(tag),
    name,
    basic: basicProfile,
    options: Object.fromEntries(
      Object.entries(options).flatMap(([key, value]) => (value ? [[key.replace(/Opt$/, ""), value]] : [])),
    ),
  }),
);
const known = new Map(profile.map((row) => [row.tag, row]));

let list = "";
const newer: Row[] = [];
for (const line of textOf("dicomfields_2026c.py").split("\n")) {
  list = /^(\w+)_TAGS = /.exec(line)?.[1] ?? list;
  const [, group, element, name] = /^\s*\(0x(\w{4}), 0x(\w{4})\),\s*# (.*)/.exec(line) ?? [];
  if (!group || !element || !name || list === "ALL") continue;
  const tag = `${group}${element}`.toUpperCase();
  const basic = list.replace("_STAR", "*").replaceAll("_", "/");
  const row = known.get(tag);
  if (!row) newer.push({ tag, name, basic, options: {} });
  else if (row.basic !== basic) throw new Error(`${tag} is ${row.basic} in one edition and ${basic} in the other.`);
}

const ofTag = (a: string, b: string) => (a < b ? -1 : 1);
const all = [...profile, ...newer].sort((a, b) => ofTag(a.tag, b.tag));
const write = (name: string, head: string[], lines: string[]) =>
  writeFileSync(
    `core/dicom/tables/${name}.json`,
    `{\n${[...head, `"rows": [\n${lines.join(",\n")}\n]`].join(",\n")}\n}\n`,
  );

write(
  "profile",
  [
    `"table": "DICOM PS3.15, Table E.1-1, Application Level Confidentiality Profile Attributes"`,
    `"edition": "2024e with every column; rows of the Basic Profile up to 2026c"`,
    `"sources": ["innolitics/dicom-standard of 28 January 2025, MIT", "dicom-anonymizer 2.1.0, BSD"]`,
    `"newer": ${JSON.stringify(newer.map(({ tag }) => tag).sort())}`,
  ],
  all.map((row) => JSON.stringify(row)),
);
write(
  "dictionary",
  [
    `"table": "DICOM PS3.6, Registry of DICOM Data Elements: tag, value representation, keyword"`,
    `"edition": "2024e"`,
    `"sources": ["innolitics/dicom-standard of 28 January 2025, MIT"]`,
  ],
  attributes
    .map(({ tag, ...rest }) => ({ tag: tagOf(tag), ...rest }))
    .filter(({ keyword, valueRepresentation }) => keyword && /^[A-Z]{2}( or |$)/.test(valueRepresentation))
    .sort((a, b) => ofTag(a.tag, b.tag))
    .map(({ tag, valueRepresentation, keyword }) =>
      JSON.stringify(`${tag} ${valueRepresentation.replaceAll(" or ", "|")} ${keyword}`),
    ),
);
