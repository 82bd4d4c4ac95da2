import { describe, expect, test } from "vitest";
import { type DataSet, type Element, isSequence, isValue } from "@/core/dicom/data-set";
import { deidentify } from "@/core/dicom/deidentify";
import { entryOf } from "@/core/dicom/dictionary";
import { type DeidentificationOptions, profileRows } from "@/core/dicom/profile";
import profile from "@/core/dicom/tables/profile.json";
import { ofItems, textOf, wordOf } from "@/core/dicom/values";
import { elementOf } from "./data";

const none: DeidentificationOptions = {
  cleanPixelData: false,
  cleanDescriptors: false,
  retainModifiedDates: false,
  retainDeviceIdentity: false,
};
const all: DeidentificationOptions = {
  cleanPixelData: true,
  cleanDescriptors: true,
  retainModifiedDates: true,
  retainDeviceIdentity: true,
};

describe("Table E.1-1", () => {
  test("has the rows and actions of its sources", () => {
    // Counted in the sources: 621 rows of 2024e (X 384, D 92, U 54, Z 42, X/D 22, X/Z 11, X/Z/D 8, Z/D 6, X/Z/U* 2) and 35 of the Basic Profile of 2026c.
    const counts: Record<string, number> = {};
    for (const { basic } of profileRows.filter(({ tag }) => !profile.newer.includes(tag)))
      counts[basic] = (counts[basic] ?? 0) + 1;
    expect(counts).toEqual({ X: 384, D: 92, U: 54, Z: 42, "X/D": 22, "X/Z": 11, "X/Z/D": 8, "Z/D": 6, "X/Z/U*": 2 });
    expect(profile.newer).toHaveLength(35);
    expect(new Set(profileRows.map(({ tag }) => tag)).size).toBe(656);
  });

  test("has the columns of its options", () => {
    const count = (option: string, action: string) =>
      profileRows.filter(({ options }) => options[option] === action).length;
    expect([count("rtnLongModifDates", "C"), count("rtnLongFullDates", "K")]).toEqual([165, 165]);
    expect([count("rtnDevId", "K"), count("rtnDevId", "C")]).toEqual([46, 11]);
    expect([count("cleanDesc", "C"), count("cleanGraph", "C"), count("cleanStructCont", "C")]).toEqual([125, 4, 3]);
    expect([count("rtnUIDs", "K"), count("rtnInstId", "K"), count("rtnPatChars", "K")]).toEqual([59, 10, 9]);
  });
});

/** A name, a day, a number that give a patient away, by representation. */
const telling: Record<string, string | number | Uint8Array> = {
  ...{ AE: "MUELLER_AE", AS: "067Y", CS: "MUELLER", DA: "19611224", DT: "19611224103000", TM: "103059", DS: "83.25" },
  ...{ IS: "4711", LO: "T2 Mueller", LT: "T2 Mueller", PN: "Mueller^Erika", SH: "T2 Mueller", ST: "T2 Mueller" },
  ...{ UC: "T2 Mueller", UT: "T2 Mueller", UR: "https://mueller.example", UI: "1.2.276.0.4711", US: 4711 },
  ...{
    OB: new TextEncoder().encode("Mueller!"),
    OW: new TextEncoder().encode("Mueller!"),
    UN: new TextEncoder().encode("Mueller!"),
  },
};

/** A tag of a row: the first of the groups that repeat, one private element for all. */
const tagOfRow = (tag: string) =>
  tag === "private" ? "00311020" : tag.replaceAll("X", "0").replace(/^(5000)0000/, "$13000");

function plantedFor(tag: string, basic: string): Element {
  const vr = (entryOf(tag)?.vr ?? (basic === "U" ? "UI" : "UN")).split("|").at(-1) ?? "UN";
  if (vr === "SQ") return ofItems([new Map([["00081030", elementOf("LO", "Mueller")]])]);
  return elementOf(vr, telling[vr] ?? telling.UN ?? "");
}

/** The element at the root, and in an item of an item. */
const around = (tag: string, element: Element): DataSet =>
  new Map<string, Element>([
    ["00081115", ofItems([new Map([["0008114A", ofItems([new Map([[tag, element]])])]])])],
    ...(tag.startsWith("0002") ? [] : [[tag, element] as [string, Element]]),
  ]);

function left(tag: string, element: Element, options: DeidentificationOptions): (Element | undefined)[] {
  const { data } = deidentify(around(tag, element), {
    options,
    key: new Uint8Array(32),
    offsetDays: 10,
    subject: "S-001",
  });
  const series = data.get("00081115");
  const instance = isSequence(series) ? series.items[0]?.get("0008114A") : undefined;
  return [
    ...(tag.startsWith("0002") ? [] : [data.get(tag)]),
    isSequence(instance) ? instance.items[0]?.get(tag) : undefined,
  ];
}

/** What the test can see of an element: nothing, emptiness, the same bytes, a text. */
function seen(element: Element | undefined, planted: Element): string {
  if (!element) return "absent";
  if (isSequence(element))
    return element.items.length === 0 ? "empty" : /Mueller/.test(allText(element)) ? "same" : "other";
  if (!isValue(element) || !isValue(planted)) return "other";
  if (element.bytes.length === 0) return "empty";
  return Buffer.compare(element.bytes, planted.bytes) === 0 ? "same" : "other";
}

/** Its texts at every depth. */
const allText = (element: Element): string =>
  isSequence(element)
    ? element.items.flatMap((item) => [...item.values()].map(allText)).join(" ")
    : isValue(element)
      ? Buffer.from(element.bytes).toString("latin1")
      : "";

/** What each action may leave, PS3.15 table E.1-1a: X nothing; Z an empty value or a dummy; D a dummy; U another UID. A compound: what one of them may. */
const allowed: Record<string, string[]> = { X: ["absent"], Z: ["empty", "other"], D: ["other"], U: ["other"] };
const mayLeave = (basic: string) =>
  basic
    .replace("*", "")
    .split("/")
    .flatMap((action) => allowed[action] ?? []);

/** The subject's number is put here by name. */
const isSubject = (tag: string) => tag === "00100010" || tag === "00100020";

interface Claim {
  row: string;
  says: string;
  holds: () => void;
}

/** What the test can ask of a row. */
function claimsOf({ tag, name, basic, options }: (typeof profileRows)[number]): Claim[] {
  const at = tagOfRow(tag);
  const row = `${tag} ${name}`;
  const planted = plantedFor(at, basic);
  const vr = planted.vr;
  const isDescription = /^(LO|LT|SH|ST|UC|UT)$/.test(vr);
  const claims: Claim[] = [
    {
      row,
      says: `Basic Profile, ${basic}`,
      holds: () => {
        const asked = vr === "UN" ? ["absent"] : mayLeave(basic);
        for (const element of left(at, planted, none).slice(isSubject(at) ? 1 : 0))
          expect(asked).toContain(seen(element, planted));
      },
    },
  ];
  const moved: Record<string, string> = { DA: "19620103", DT: "19620103103000", TM: "103059" };
  if (options.rtnLongModifDates && vr in moved)
    claims.push({
      row,
      says: "dates are moved, times of day stay",
      holds: () => {
        for (const element of left(at, planted, all)) expect(textOf(element)).toBe(moved[vr]);
      },
    });
  else if (options.rtnDevId === "K" && !options.rtnLongModifDates && vr !== "SQ")
    claims.push({
      row,
      says: "the identity of the device stays",
      holds: () => {
        const device = isDescription ? elementOf(vr, "AWP 66043") : planted;
        for (const element of left(at, device, all)) expect(seen(element, device)).toBe("same");
      },
    });
  else if (options.cleanDesc && isDescription)
    claims.push({
      row,
      says: "of a description stays what is on the allow-list",
      holds: () => {
        for (const element of left(at, planted, all)) expect(textOf(element)).toBe("T2");
      },
    });
  if (!options.rtnDevId)
    claims.push({
      row,
      says: "no name stays under every option",
      holds: () => {
        for (const element of left(at, planted, all)) expect(element ? allText(element) : "").not.toMatch(/mueller/i);
      },
    });
  return claims;
}

test.each(profileRows.flatMap(claimsOf))("$row: $says", ({ holds }) => holds());

test("the words of the table's representations are all planted", () => {
  const vrs = profileRows.map(({ tag }) => (entryOf(tagOfRow(tag))?.vr ?? "UN").split("|").at(-1) ?? "");
  expect([...new Set(vrs)].filter((vr) => vr !== "SQ" && !(vr in telling))).toEqual([]);
  expect(wordOf.US).toBe(2);
});
