import { z } from "zod";
import { analysisPlan } from "@/core/protocol/analysis";
import { shown } from "@/core/protocol/conditions";
import { longestProtocol } from "@/core/protocol/protocol";
import { isTimeZone } from "@/core/protocol/values";
import { designs } from "@/core/reading/designs/design";
import { oneLine, withLines } from "@/core/text/characters";
import { said } from "@/core/words/said";
import { typedId } from "./typed-id";

export const studyState = z.enum(["running", "locked"]);
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

/** Of a site: whose day "today" is. */
const timeZone = z.string().max(60).check(oneLine).refine(isTimeZone, "fields.time_zone");

export const createStudyInput = z.object({
  name: z.string().trim().min(3, "fields.study_name").max(120, "fields.study_name_long").check(oneLine),
  site: z.string().trim().min(2, "fields.site").max(120).check(oneLine),
  timeZone: timeZone.optional(),
  /** The key of a protocol that ships with the product, or null when `source` is given. */
  shipped: z.string().max(60).check(oneLine).nullable(),
  /** A protocol of one's own, as YAML. */
  source: z.string().max(longestProtocol, "fields.protocol_long").check(withLines).nullable(),
});

export const setTimeZoneInput = z.object({ siteId: z.uuid(), timeZone });

/** `timeZone` null: the server's. */
export const site = z.object({ id: z.uuid(), name: z.string(), timeZone: z.string().nullable() });
export type Site = z.infer<typeof site>;

/** Characters of the reason for which a database is locked as it is. */
export const longestLockReason = 1000;

export const lockInput = z.object({
  reason: z.string().trim().max(longestLockReason).check(withLines).optional(),
  /** Of the protocol as it was shown, whose plan of the analysis is signed. */
  protocolSha256: z.hash("sha256").optional(),
});

const named = z.array(z.object({ key: z.string(), label: z.string() }));

/** What a lock signs: the plan of the analysis, and whose signature it is. */
export const lockedPlan = z.object({
  version: z.string(),
  sha256: z.string(),
  analysis: analysisPlan,
  conditions: named,
  planes: named,
  regions: named,
  ruleSets: z.array(z.object({ key: z.string(), title: z.string() })),
  lockedBy: z.string(),
});
export type LockedPlan = z.infer<typeof lockedPlan>;

export const studySummary = z.object({
  slug: z.string(),
  name: z.string(),
  state: studyState,
  synthetic: z.boolean(),
  roles: z.array(studyRole),
  createdAt: z.date(),
});

/** A role that counts once a second person has confirmed it. */
export const waitingRole = z.object({ study: z.string(), role: studyRole });

/** The planned contrast; `first` null: the network. */
export const plannedContrast = z.object({
  first: z.string().nullable(),
  second: z.string(),
  measure: z.enum(["auc", "sensitivity", "specificity"]),
  readers: z.enum(["fixed", "random"]),
  margin: z.number().nullable(),
});

/** What the protocol plans, before and after anything is known. */
export const studyPlan = z.object({
  readers: z.int(),
  /** How cases are read (`core/reading/designs`). */
  reading: z.object({
    design: z.enum(designs),
    /** To be enrolled, where planned. */
    patients: z.int().nullable(),
    /** Cases of a node with every plane. */
    images: z.int(),
    /** The practice before it, and in which conditions. */
    practice: z.object({ passMark: z.number(), conditions: z.array(z.string()) }).nullable(),
    conditions: z.array(
      z.object({
        key: z.string(),
        label: z.string(),
        shows: z.array(shown),
        washOutDays: z.number(),
        /** Cases of a list that are read twice without their reader being told, and how far apart; null: none. */
        repeats: z.object({ cases: z.int(), apart: z.int() }).nullable(),
      }),
    ),
  }),
  primary: plannedContrast.nullable(),
});
export type StudyPlan = z.infer<typeof studyPlan>;

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
  /** As the protocol calls them in the language of whoever reads. */
  planes: z.array(z.object({ key: z.string(), label: z.string() })),
  roles: z.array(studyRole),
  readerCode: z.string().nullable(),
  actions: z.array(z.string()),
});

export const addMemberInput = z.object({
  email: z.email("fields.email").max(254),
  /** Needed when the person has no account yet. */
  name: z.string().trim().max(120).check(oneLine).nullable(),
  role: studyRole,
  /** Any that a protocol may name. */
  readerCode: typedId(20, "fields.reader_code").pipe(z.string().min(1, "fields.reader_code")).nullable(),
});

export const members = z.array(
  z.object({
    id: z.uuid(),
    name: z.string(),
    email: z.string(),
    role: studyRole,
    readerCode: z.string().nullable(),
    since: z.date(),
    /** Null: before it was noted. */
    givenBy: z.string().nullable(),
    /** For a second person. */
    waits: z.boolean(),
    /** Why whoever asks is not that person; null: may confirm it. */
    obstacle: said.nullable(),
    endedAt: z.date().nullable(),
  }),
);
export type Members = z.infer<typeof members>;

export const addProtocolInput = z.object({
  source: z.string().min(1, "fields.protocol").max(longestProtocol, "fields.protocol_long").check(withLines),
  reason: z.string().trim().min(3, "fields.protocol_reason").max(500).check(withLines),
});

export const protocolVersions = z.array(
  z.object({
    id: z.uuid(),
    version: z.string(),
    sha256: z.string(),
    reason: z.string().nullable(),
    createdAt: z.date(),
    createdBy: z.string().nullable(),
    current: z.boolean(),
    source: z.string(),
  }),
);

/** Where a study stands (`nw.study_counts`). */
export const studyCounts = z.object({
  screened: z.int(),
  screening: z.int(),
  screenFailures: z.int(),
  eligible: z.int(),
  enrolled: z.int(),
  /** Enrolled subjects who withdrew the consent, by what may be done with their data. */
  withdrawnKept: z.int(),
  withdrawnUnused: z.int(),
  withdrawnDestroyed: z.int(),
  enrolledWithoutNode: z.int(),
  nodes: z.int(),
  nodesExcluded: z.int(),
  nodesWithoutSize: z.int(),
  nodesLackingCrops: z.int(),
  crops: z.int(),
  cropsUnscheduled: z.int(),
  nodesWithoutPathology: z.int(),
  readsScheduled: z.int(),
  readsSubmitted: z.int(),
});

/** What keeps a study from being complete, in the order of the study. */
export const missingKey = z.enum([
  "nodesLackingCrops",
  "nodesWithoutPathology",
  "cropsUnscheduled",
  "readsOutstanding",
]);
export type MissingKey = z.infer<typeof missingKey>;

/** How far a running study is, without anything that a read or a report says. */
export const studyProgress = z.object({
  counts: studyCounts,
  missing: z.array(z.object({ key: missingKey, count: z.int() })),
  accrual: z.object({
    /** Subjects, and the last day, as the protocol plans them. */
    planned: z.int().nullable(),
    until: z.string().nullable(),
    /** New subjects by day. */
    enrolled: z.array(z.object({ day: z.string(), subjects: z.int() })),
  }),
  reads: z.array(
    z.object({
      reader: z.string(),
      condition: z.string(),
      done: z.int(),
      total: z.int(),
      closed: z.boolean(),
      /** Seconds from one submission to the next, breaks left out: quartiles; null: fewer than two reads one after the other. */
      time: z.object({ n: z.int(), lower: z.number(), median: z.number(), upper: z.number() }).nullable(),
    }),
  ),
});
export type StudyProgress = z.infer<typeof studyProgress>;

/** A study of the installation. */
export interface KnownStudy {
  id: string;
  slug: string;
  name: string;
  state: z.infer<typeof studyState>;
  synthetic: boolean;
  createdAt: Date;
}
