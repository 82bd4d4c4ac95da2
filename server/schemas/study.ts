import { z } from "zod";
import { longestProtocol } from "@/core/protocol/protocol";

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
  source: z.string().max(longestProtocol, `A protocol is at most ${longestProtocol} characters long`).nullable(),
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

export const addMemberInput = z.object({
  email: z.email("Enter an e-mail address").max(254),
  /** Needed when the person has no account yet. */
  name: z.string().trim().max(120).nullable(),
  role: studyRole,
  readerCode: z
    .string()
    .regex(/^R[0-9]{1,3}$/, "A reader code looks like R2")
    .nullable(),
});

export const members = z.array(
  z.object({
    id: z.uuid(),
    name: z.string(),
    email: z.string(),
    role: studyRole,
    readerCode: z.string().nullable(),
    since: z.date(),
    endedAt: z.date().nullable(),
  }),
);
export type Members = z.infer<typeof members>;

export const addProtocolInput = z.object({
  source: z
    .string()
    .min(1, "Paste the protocol")
    .max(longestProtocol, `A protocol is at most ${longestProtocol} characters long`),
  reason: z.string().trim().min(3, "Say why there is a new version").max(500),
});

export const protocolVersions = z.array(
  z.object({
    id: z.uuid(),
    version: z.string(),
    sha256: z.string(),
    reason: z.string().nullable(),
    createdAt: z.date(),
    createdBy: z.string(),
    current: z.boolean(),
    source: z.string(),
  }),
);
