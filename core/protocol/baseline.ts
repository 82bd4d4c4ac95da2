import { z } from "zod";
import type { Said } from "@/core/words";
import { key, option, text } from "./text";

const about = {
  /** Also its name in the criteria's expressions, where - is a minus. */
  key: z.string().regex(/^[a-z][a-z0-9_]*$/, "protocol.item_key"),
  label: text,
  /** A subject is not enrolled without it. */
  required: z.boolean().default(false),
  visit: key,
};

const isDate = (value: string) => z.iso.date().safeParse(value).success;
const isDay = (value: string) => value === "today" || isDate(value);
const day = z.string().refine(isDay, "protocol.day");

/** One thing that is recorded of each subject. */
export const baselineItem = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("number"),
    ...about,
    unit: text.optional(),
    min: z.number().optional(),
    max: z.number().optional(),
    /** Decimal places; left out: as many as somebody writes. */
    decimals: z.int().min(0).max(6).optional(),
  }),
  z.strictObject({ type: z.literal("choice"), ...about, options: z.array(option).min(1) }),
  z.strictObject({ type: z.literal("date"), ...about, notBefore: day.optional(), notAfter: day.optional() }),
  z.strictObject({ type: z.literal("text"), ...about }),
]);

/** The days of the records that every subject has, with what a person calls them. */
export const recordDates = {
  consent_date: { key: "fields.consent_date" },
  mri_date: { key: "fields.mri_date" },
} as const satisfies Record<string, Said>;
export type RecordDate = keyof typeof recordDates;
export const isRecordDate = (name: string): name is RecordDate => Object.hasOwn(recordDates, name);

/** What is recorded of each subject, and at which visit. */
export const baseline = z.strictObject({
  visits: z.array(z.strictObject({ key, label: text })),
  items: z.array(baselineItem),
  /** The first day of consents and MRI exams, e.g. that of the ethics approval; left out: in 1900. None lies in the future. */
  notBefore: z.string().refine(isDate, "protocol.date").optional(),
  /** Dates in the order in which they follow each other or fall on one day, e.g. [mri_date, surgery_date]: items, `recordDates`. */
  order: z.array(z.string()).optional(),
});
