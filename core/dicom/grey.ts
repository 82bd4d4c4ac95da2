import type { DataSet } from "./data-set";
import { tagOf } from "./dictionary";
import { lowestIsWhite, type Samples } from "./samples";
import { itemsOf, number, numbers, text } from "./values";

/** What a stored value means, PS3.3 section C.11.1: by slope and intercept, or by a table. */
export type ModalityStep = { slope: number; intercept: number } | Lut;

/** What of it is shown, PS3.3 section C.11.2: a window, or a table. */
export type VoiStep = Window | Lut;

export interface Window {
  center: number;
  width: number;
  /** VOI LUT Function (0028,1056). */
  function: "LINEAR" | "LINEAR_EXACT" | "SIGMOID";
}

/** A lookup table, PS3.3 section C.11.1.1: `first` is the value of its first entry; what lies outside takes the nearest. */
export interface Lut {
  first: number;
  values: readonly number[];
  /** Of an entry. */
  bits: number;
}

/** The modality step of a frame; a table goes before slope and intercept, of which a file has one only. */
export function modalityOf(frame: DataSet): ModalityStep {
  const [item] = itemsOf(frame, tagOf("ModalityLUTSequence"));
  const lut = item && lutOf(item, number(frame, tagOf("PixelRepresentation")) === 1);
  if (lut) return lut;
  return { slope: number(frame, tagOf("RescaleSlope")) ?? 1, intercept: number(frame, tagOf("RescaleIntercept")) ?? 0 };
}

/** The windows and tables that a frame brings along, windows first. */
export function voisOf(frame: DataSet): VoiStep[] {
  const [centers, widths] = [numbers(frame, tagOf("WindowCenter")), numbers(frame, tagOf("WindowWidth"))];
  const named = text(frame, tagOf("VOILUTFunction"));
  const fn = named === "LINEAR_EXACT" || named === "SIGMOID" ? named : "LINEAR";
  const windows = centers.flatMap((center, at): VoiStep[] => {
    const width = widths[at];
    return width !== undefined && (fn === "LINEAR" ? width >= 1 : width > 0) ? [{ center, width, function: fn }] : [];
  });
  const modality = modalityOf(frame);
  const signed =
    "values" in modality ? false : modality.intercept < 0 || number(frame, tagOf("PixelRepresentation")) === 1;
  const tables = itemsOf(frame, tagOf("VOILUTSequence")).flatMap((item) => lutOf(item, signed) ?? []);
  return [...windows, ...tables];
}

/** @param signed whether its first entry is for a value below zero when it looks like one above 32,767 */
function lutOf(item: DataSet, signed: boolean): Lut | undefined {
  const [count, first, bits] = numbers(item, tagOf("LUTDescriptor"));
  const data = numbers(item, tagOf("LUTData"));
  if (count === undefined || first === undefined || bits === undefined) return undefined;
  const entries = count === 0 ? 65_536 : count & 0xffff;
  // Entries of 8 bits may lie two in a word, PS3.3 section C.11.1.1.1.
  const values = data.length < entries && bits <= 8 ? data.flatMap((word) => [word & 0xff, word >> 8]) : data;
  if (values.length < entries) return undefined;
  return { first: signed ? (first << 16) >> 16 : first & 0xffff, values: values.slice(0, entries), bits };
}

/** Stored values as what they mean: Hounsfield units, signal, whatever the scanner says. */
export function modalityValues(samples: Samples, step: ModalityStep): Float64Array {
  if ("values" in step) return Float64Array.from(samples, (value) => lookedUp(step, value));
  return Float64Array.from(samples, (value) => value * step.slope + step.intercept);
}

/** The entry of a table for a value. */
export const lookedUp = ({ first, values }: Lut, value: number): number =>
  values[Math.max(0, Math.min(values.length - 1, Math.round(value) - first))] ?? 0;

/** The window from the lowest value to the highest, for a frame that brings none. */
export function fullWindow(values: Float64Array): Window {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  const width = Math.max(high - low, Number.MIN_VALUE);
  return { center: low + (high - low) / 2, width: Number.isFinite(width) ? width : 1, function: "LINEAR_EXACT" };
}

/** Where a value lies between black, 0, and white, 1: the equations of PS3.3 section C.11.2.1.2 and C.11.2.1.3. */
export function shade(value: number, step: VoiStep): number {
  if ("values" in step) return lookedUp(step, value) / (2 ** step.bits - 1);
  const { center, width } = step;
  if (step.function === "SIGMOID") return 1 / (1 + Math.exp((-4 * (value - center)) / width));
  if (step.function === "LINEAR_EXACT") return within((value - center) / width + 0.5);
  if (width === 1) return value <= center - 0.5 ? 0 : 1;
  return within((value - (center - 0.5)) / (width - 1) + 0.5);
}

const within = (share: number) => Math.max(0, Math.min(1, share));

/**
 * A frame in grey, black to white, as 8 or 16 bits: modality step, then window or table, then MONOCHROME1 turned round. The same values give the same bytes.
 */
export function grey(
  samples: Samples,
  { frame, voi, bits }: { frame: DataSet; voi?: VoiStep; bits: 8 | 16 },
): Uint8Array | Uint16Array {
  const values = modalityValues(samples, modalityOf(frame));
  const step = voi ?? voisOf(frame)[0] ?? fullWindow(values);
  const white = 2 ** bits - 1;
  const turned = lowestIsWhite(frame);
  const out = bits === 8 ? new Uint8Array(values.length) : new Uint16Array(values.length);
  for (let at = 0; at < values.length; at++) {
    const share = shade(values[at] ?? 0, step);
    out[at] = Math.round((turned ? 1 - share : share) * white);
  }
  return out;
}
