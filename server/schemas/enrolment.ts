import { z } from "zod";

export const criterionAnswer = z.enum(["met", "not_met", "unknown"]);
const answers = z.record(z.string(), criterionAnswer);
const day = z.iso.date("fields.date");

export const screenInput = z.object({
  /** Who it is; kept apart, seen by coordinator, pathologist and monitor of the site only. */
  identity: z
    .object({
      name: z.string().trim().min(1, "fields.identity_name").max(200),
      hospitalNumber: z.string().trim().min(1, "fields.hospital_number").max(60),
    })
    .nullable(),
  answers,
});

export const reassessInput = z.object({ number: z.string(), answers });

export const enrolInput = z.object({
  number: z.string(),
  consentSignedOn: day,
  consentVersion: z.string().trim().min(1, "fields.consent_version").max(60),
  sex: z.enum(["male", "female"], "fields.sex"),
  ageYears: z.int("fields.age_whole").min(0, "fields.age_range").max(120, "fields.age_range"),
  tStage: z.string().trim().min(1, "fields.t_stage"),
  examOn: day,
  scanner: z.string().trim().min(1, "fields.scanner").max(120),
});
export type EnrolInput = z.infer<typeof enrolInput>;

export const subjectStatus = z.enum(["screening", "screen_failure", "eligible", "enrolled"]);

export const subjectSummary = z.object({
  number: z.string(),
  status: subjectStatus,
  screenedAt: z.date(),
  sex: z.string().nullable(),
  ageYears: z.int().nullable(),
  tStage: z.string().nullable(),
  nodes: z.int(),
});
export type SubjectSummary = z.infer<typeof subjectSummary>;

const criterion = z.object({ key: z.string(), kind: z.enum(["inclusion", "exclusion"]), text: z.string() });

export const enrolmentForm = z.object({ criteria: z.array(criterion), tStages: z.array(z.string()) });

export const subjectDetail = subjectSummary.extend({
  criteria: z.array(criterion),
  tStages: z.array(z.string()),
  assessments: z.array(
    z.object({
      verdict: z.enum(["eligible", "ineligible", "undecided"]),
      answers,
      reasons: z.array(z.object({ key: z.string(), answer: criterionAnswer })),
      protocolVersion: z.string(),
      by: z.string(),
      at: z.date(),
    }),
  ),
  consent: z.object({ signedOn: z.string(), formVersion: z.string() }).nullable(),
  exam: z.object({ performedOn: z.string(), scanner: z.string() }).nullable(),
});
export type SubjectDetail = z.infer<typeof subjectDetail>;

export const subjectIdentity = z.object({ name: z.string(), hospitalNumber: z.string() });

/** The boxes of the flow diagram (STARD 2015, item 19). */
export const flowDiagram = z.object({
  screened: z.int(),
  undecided: z.int(),
  failures: z.int(),
  failureReasons: z.array(
    z.object({ key: z.string(), text: z.string(), kind: z.enum(["inclusion", "exclusion"]), count: z.int() }),
  ),
  eligibleNotEnrolled: z.int(),
  enrolled: z.int(),
  nodes: z.int(),
  nodesExcluded: z.int(),
  /** Null before the lock: a result of pathology. */
  nodesNotFound: z.int().nullable(),
  crops: z.int(),
});
