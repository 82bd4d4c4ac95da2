import type { DataSet } from "./data-set";
import { tagOf } from "./dictionary";
import type { DeidentificationOptions } from "./profile";
import { ofText } from "./values";

type Method = [code: string, meaning: string];

/** The option under which letters within the pixels are removed. */
export const cleanPixelData: Method = ["113101", "Clean Pixel Data Option"];

/** PS3.16 CID 7050: codes of the profile and its options. */
export function methodsOf(options: DeidentificationOptions, keepsPrivate: boolean): Method[] {
  const all: [taken: boolean, ...Method][] = [
    [true, "113100", "Basic Application Confidentiality Profile"],
    [options.cleanPixelData, ...cleanPixelData],
    [options.cleanDescriptors, "113105", "Clean Descriptors Option"],
    [options.retainModifiedDates, "113107", "Retain Longitudinal Temporal Information Modified Dates Option"],
    [options.retainDeviceIdentity, "113109", "Retain Device Identity Option"],
    [keepsPrivate, "113111", "Retain Safe Private Option"],
  ];
  return all.flatMap(([taken, code, meaning]) => (taken ? [[code, meaning] satisfies Method] : []));
}

/** A code of PS3.16 as an item. */
export const codeItem = ([code, meaning]: Method): DataSet =>
  new Map([
    [tagOf("CodeValue"), ofText("SH", code)],
    [tagOf("CodingSchemeDesignator"), ofText("SH", "DCM")],
    [tagOf("CodeMeaning"), ofText("LO", meaning)],
  ]);
