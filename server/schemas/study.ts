import { z } from "zod";

export const studyState = z.enum(["draft", "running", "frozen", "locked"]);
export const studyRole = z.enum([
  "coordinator",
  "locating_radiologist",
  "reader",
  "pathologist",
  "data_scientist",
  "principal_investigator",
  "monitor",
  "administrator",
]);

export const createStudyInput = z.object({
  name: z
    .string()
    .trim()
    .min(3, "Give the study a name of at least 3 characters")
    .max(120, "Keep the name within 120 characters"),
  site: z.string().trim().min(2, "Name the hospital or centre").max(120),
  /** The key of a protocol that ships with the product, or null when `source` is given. */
  shipped: z.string().max(60).nullable(),
  /** A protocol of one's own, as YAML. */
  source: z.string().max(200_000, "A protocol is at most 200,000 characters long").nullable(),
});

export const studySummary = z.object({
  slug: z.string(),
  name: z.string(),
  state: studyState,
  synthetic: z.boolean(),
  roles: z.array(studyRole),
  createdAt: z.date(),
});

/** What the frame round every page of a study needs. */
export const studyFrame = z.object({
  study: z.object({
    slug: z.string(),
    name: z.string(),
    state: studyState,
    synthetic: z.boolean(),
    protocolTitle: z.string(),
    protocolVersion: z.string(),
    protocolSha256: z.string(),
  }),
  roles: z.array(studyRole),
  readerCode: z.string().nullable(),
  actions: z.array(z.string()),
});
