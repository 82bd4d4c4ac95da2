import { z } from "zod";
import { key, option, text } from "./text";

const about = {
  /** Also its name in the criteria's expressions, where - is a minus. */
  key: z.string().regex(/^[a-z][a-z0-9_]*$/, "protocol.item_key"),
  label: text,
  /** A subject is not enrolled without it. */
  required: z.boolean().default(false),
  visit: key,
};

const isDay = (value: string) => value === "today" || z.iso.date().safeParse(value).success;
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

/** What is recorded of each subject, and at which visit. */
export const baseline = z.strictObject({
  visits: z.array(z.strictObject({ key, label: text })),
  items: z.array(baselineItem),
});
