import type { Tag } from "./data-set";
import { asInTables } from "./dictionary";
import profile from "./tables/profile.json";

/** Options of PS3.15 section E.3 that a protocol may take; without any it is the Basic Profile. */
export interface DeidentificationOptions {
  /** E.3.1: what is burned into the pixels is found and blacked out (`worker/dicom`). */
  cleanPixelData: boolean;
  /** E.3.5: of descriptions stays what is on the allow-list (`vocabulary.ts`). */
  cleanDescriptors: boolean;
  /** E.3.6: dates are moved by an offset of the subject, so that days between them stay right. */
  retainModifiedDates: boolean;
  /** E.3.8: serial numbers, station names and software of the scanner stay. */
  retainDeviceIdentity: boolean;
}

/** Table E.1-1a: remove, zero length, dummy value, new UID, keep, clean. */
export type Action = "X" | "Z" | "D" | "U" | "K" | "C";

interface Row {
  tag: string;
  name: string;
  basic: string;
  options: Partial<Record<string, string>>;
}

/** Table E.1-1, its source and edition in the file. */
export const profileRows: readonly Row[] = profile.rows;
const rows = new Map<Tag, Row>(profileRows.map((row) => [row.tag, row]));

export interface Ruled {
  /** What is done under the options. */
  action: Action;
  /** The option that says so; null: the Basic Profile. */
  by: keyof DeidentificationOptions | null;
  /** What is done where cleaning leaves nothing: the Basic Profile's action. */
  basic: Action;
}

/**
 * What the table asks of an element; undefined where it has no row. Of several actions that depend on the type of the attribute in its IOD (X/Z/D) the last
 * is taken, which is allowed for every type.
 */
export function ruleOf(tag: Tag, options: DeidentificationOptions): Ruled | undefined {
  const inTables = asInTables(tag);
  const row = rows.get(inTables) ?? (inTables.startsWith("50XX") ? rows.get("50XXXXXX") : undefined);
  if (!row) return undefined;
  const basic = lastOf(row.basic);
  const { rtnLongModifDates, rtnDevId, cleanDesc } = row.options;
  // A date of a device tells when, too: the option of dates alone decides over it.
  if (rtnLongModifDates && options.retainModifiedDates) return { action: "C", basic, by: "retainModifiedDates" };
  if (rtnLongModifDates) return { action: basic, basic, by: null };
  if (rtnDevId && options.retainDeviceIdentity)
    return { action: rtnDevId === "K" ? "K" : "C", basic, by: "retainDeviceIdentity" };
  if (cleanDesc && options.cleanDescriptors) return { action: "C", basic, by: "cleanDescriptors" };
  return { action: basic, basic, by: null };
}

function lastOf(actions: string): Action {
  const last = actions.replace("*", "").split("/").at(-1);
  if (last === "X" || last === "Z" || last === "D" || last === "U") return last;
  throw new Error(`Table E.1-1 has no action ${actions}.`);
}
