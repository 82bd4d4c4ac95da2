import { z } from "zod";
import type { Protocol } from "@/core/protocol/protocol";
import { oneLine, withLines } from "@/core/text/characters";
import { few, mostOfProtocol } from "./few";
import { typedId } from "./typed-id";

const criterionAnswer = z.enum(["met", "not_met", "unknown"]);
export const storedAnswers = z.record(z.string().check(oneLine), criterionAnswer);
const answers = few(mostOfProtocol, storedAnswers);
/** Reasons for answers that contradict the record, by criterion. */
const overrides = few(
  mostOfProtocol,
  z.record(z.string().check(oneLine), z.string().trim().max(1000).check(withLines)),
).default({});
/** By item; what a value may be says the protocol (`core/protocol/values.ts`). "": none, null: what is recorded is withdrawn. */
const givenValues = few(
  mostOfProtocol,
  z.record(z.string().check(oneLine), z.union([z.string().max(2000).check(withLines), z.number(), z.null()])),
);
export type GivenValues = Readonly<z.infer<typeof givenValues>>;
/** What names somebody: the same however it was typed. */
const named = (problem: string, longest: number) => typedId(longest).pipe(z.string().min(1, problem));
const day = z.iso.date("fields.date");
/** Of a subject. */
const number = z.string().max(60).check(oneLine);
export const byNumber = z.object({ number });

/** For what lies outside the protocol's range, an MRI before the consent, corrections; kept with what it is about. */
const reason = z.string().trim().min(1).max(1000).check(withLines).nullable().default(null);

export const screenInput = z.object({
  /** Who it is; kept apart, seen by coordinator, pathologist and monitor of the site only. */
  identity: z
    .object({
      name: named("fields.identity_name", 200),
      hospitalNumber: named("fields.hospital_number", 60),
      /** Why a patient whose hospital number is a subject's already is screened once more. */
      knownReason: z.string().trim().max(500).check(withLines).optional(),
    })
    .nullable(),
  answers,
  overrides,
  values: givenValues.default({}),
  reason,
  /** Null: not performed yet, or not known. */
  exam: z
    .object({ performedOn: day, scanner: z.string().trim().min(1, "fields.scanner").max(120).check(oneLine) })
    .nullable()
    .default(null),
});

export const reassessInput = z.object({ number, answers, overrides });
/** What a person answered to the criteria. */
export type CriteriaAnswers = Omit<z.input<typeof reassessInput>, "number">;

export const recordValuesInput = z.object({
  number,
  values: givenValues,
  reason,
});

export const enrolInput = z.object({
  number,
  consentSignedOn: day,
  consentVersion: z.string().trim().min(1, "fields.consent_version").max(60).check(oneLine),
  values: givenValues,
  examOn: day,
  scanner: z.string().trim().min(1, "fields.scanner").max(120).check(oneLine),
  reason,
});
export type EnrolInput = z.infer<typeof enrolInput>;

/** How far a consent is withdrawn, each more than the one before (`db/schema/enrolment.ts`). */
export const withdrawalScope = z.enum(["keep", "no_further_use", "destroy"]);

export const withdrawInput = z.object({
  number,
  withdrawnOn: day,
  scope: withdrawalScope,
});
export type WithdrawInput = z.infer<typeof withdrawInput>;

export const subjectStatus = z.enum(["screening", "screen_failure", "eligible", "enrolled"]);

const itemValue = z.union([z.number(), z.string()]);
/** As the protocol says it, in the reader's language. */
const baseline = z.custom<Protocol["baseline"]>();

const subjectSummary = z.object({
  number: z.string(),
  status: subjectStatus,
  screenedAt: z.date(),
  nodes: z.int(),
  /** How far the consent was withdrawn; null: it was not. */
  withdrawn: withdrawalScope.nullable(),
  /** What is recorded, by item. */
  values: z.record(z.string(), itemValue),
});
export type SubjectSummary = z.infer<typeof subjectSummary>;

export const subjectTable = z.object({
  items: z.custom<Protocol["baseline"]["items"]>(),
  subjects: z.array(subjectSummary),
});

const criterion = z.object({
  key: z.string(),
  kind: z.enum(["inclusion", "exclusion"]),
  text: z.string(),
  computed: z.string().optional(),
});

export const enrolmentForm = z.object({ criteria: z.array(criterion), baseline });

const used = z.array(z.object({ what: z.string(), value: itemValue.nullable() }));

export const subjectDetail = subjectSummary.extend({
  criteria: z.array(criterion),
  baseline,
  /** What computed criteria may name, as far as this role may see it; null: not recorded. */
  criteriaValues: z.record(z.string(), itemValue.nullable()),
  /** Where the record has moved away from the newest assessment. */
  changed: z.array(z.object({ key: z.string(), counted: criterionAnswer, now: criterionAnswer, used })),
  /** Every value ever recorded, newest first. */
  recorded: z.array(
    z.object({
      key: z.string(),
      value: itemValue.nullable(),
      reason: z.string().nullable(),
      by: z.string().nullable(),
      at: z.date(),
    }),
  ),
  assessments: z.array(
    z.object({
      /** What the record answered to the computed criteria. */
      evaluations: z.array(
        z.object({ key: z.string(), answer: criterionAnswer, used, overrideReason: z.string().nullable() }),
      ),
      verdict: z.enum(["eligible", "ineligible", "undecided"]),
      answers: storedAnswers,
      reasons: z.array(z.object({ key: z.string(), answer: criterionAnswer })),
      protocolVersion: z.string(),
      by: z.string().nullable(),
      at: z.date(),
    }),
  ),
  consent: z.object({ signedOn: z.string(), formVersion: z.string(), reason: z.string().nullable() }).nullable(),
  /** Newest, and so widest, first. */
  withdrawals: z.array(
    z.object({ withdrawnOn: z.string(), scope: withdrawalScope, by: z.string().nullable(), at: z.date() }),
  ),
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
  /** Of the enrolled, by what may be done with their data. */
  withdrawn: z.object({ keep: z.int(), no_further_use: z.int(), destroy: z.int() }),
  /** Enrolled, less those whose data are used no more. */
  inUse: z.int(),
  /** Of these. */
  nodesLocated: z.int(),
  /** Located, less the excluded ones. */
  nodes: z.int(),
  nodesExcluded: z.int(),
  /** Null before the lock: a result of pathology. */
  nodesNotFound: z.int().nullable(),
  crops: z.int(),
});
