import { z } from "zod";
import { shown } from "@/core/protocol/conditions";
import { readingCase as caseUnit } from "@/core/protocol/reading";
import { readDisplay } from "@/core/reading/display";
import { displayCheckResult } from "@/core/reading/display-check";
import { oneLine, withLines } from "@/core/text/characters";
import { few, mostOfProtocol } from "./few";

export const call = z.enum(["positive", "negative"]);

/** Bytes of the nonce that a sealed case begins with (AES-GCM, NIST SP 800-38D, 5.2.1.1). */
export const nonceBytes = 12;
/** That number in hexadecimal: with it, and no other, the key is derived. */
export const sealNonce = z.string().regex(new RegExp(`^[0-9a-f]{${2 * nonceBytes}}$`));

/** What a reader's browser gets of one case, and nothing else. */
export const readingCase = z.object({
  slotId: z.uuid(),
  position: z.int(),
  total: z.int(),
  condition: z.object({ key: z.string(), label: z.string(), shows: z.array(shown) }),
  /** From left to right. */
  crops: z.array(
    z.object({
      plane: z.string(),
      /** The PNG, base64: it comes with the answer, so that the next case needs no second request and no case is fetched before its turn. */
      image: z.string(),
      width: z.int(),
      height: z.int(),
    }),
  ),
  /** Of a case that was brought ahead: base64, opens what is sealed, and `crops` is empty. */
  key: z.string().optional(),
  /** Only in a condition that shows it. */
  shortAxisMm: z.number().optional(),
  form: z.object({
    criteria: z.array(z.object({ key: z.string(), label: z.string(), hint: z.string().optional() })),
    confidence: z.boolean(),
    rating: z
      .object({
        min: z.number(),
        max: z.number(),
        step: z.number().optional(),
        low: z.string(),
        high: z.string(),
        positiveFrom: z.number().optional(),
      })
      .nullable(),
    notEvaluable: z.object({ reasons: z.array(z.object({ key: z.string(), label: z.string() })) }).nullable(),
  }),
  ruleSet: z
    .object({
      key: z.string(),
      title: z.string(),
      source: z.string(),
      sizeHidden: z.object({ criteria: z.int() }),
      sizeShown: z.array(z.object({ below: z.number().optional(), upTo: z.number().optional(), criteria: z.int() })),
    })
    .nullable(),
});
export type ReadingCase = z.infer<typeof readingCase>;

/** The case whose turn it is, or the one read last in the open list, whose read may be corrected. */
export type Turn = "current" | "previous";

export const submitReadInput = z.object({
  slotId: z.uuid(),
  /** Drawn once for a case: sending the same read twice stores it once. */
  idempotencyKey: z.uuid(),
  criteria: few(mostOfProtocol, z.record(z.string().check(oneLine), z.boolean())),
  /** Null where the case was not evaluable, or where the call follows from the rating. */
  call: call.nullable(),
  overrideReason: z.string().trim().max(500, "fields.override").check(withLines).optional(),
  confidence: z
    .int("fields.confidence_whole")
    .min(0, "fields.confidence_range")
    .max(100, "fields.confidence_range")
    .nullable(),
  rating: z.number().nullable().default(null),
  /** Why the case cannot be judged: a key of the protocol's reasons, or words where it lists none. */
  notEvaluable: z
    .string()
    .trim()
    .min(1, "fields.reason")
    .max(500, "fields.override")
    .check(withLines)
    .nullable()
    .default(null),
  activeMs: z.int().min(0).max(86_400_000),
  /** How the case was looked at; absent where a read was kept in a browser from before that was asked. */
  display: readDisplay.optional(),
  /** The next case lies in the browser, sealed with this nonce: its key is wanted, not its images. */
  ahead: sealNonce.optional(),
});
export type SubmitRead = z.infer<typeof submitReadInput>;

export const correctReadInput = submitReadInput.omit({ ahead: true }).extend({
  reason: z.string().trim().min(1, "fields.correction_reason").max(500, "fields.override").check(withLines),
});
export type CorrectRead = z.infer<typeof correctReadInput>;

export const closeReadingInput = z.object({
  readerCode: z.string().min(1).max(20).check(oneLine),
  reason: z.string().trim().min(1, "fields.closing_reason").max(500).check(withLines),
});

/** The smallest page on which cases are opened, in CSS pixels. */
export const displayCheckAsked = z.object({ minWidth: z.int(), minHeight: z.int() });
export type DisplayCheckAsked = z.infer<typeof displayCheckAsked>;

/** So many are listed. */
export const mostDisplayChecks = 1_000;

export const displayChecks = z.array(
  displayCheckResult.extend({ id: z.uuid(), readerCode: z.string(), checkedAt: z.date(), passed: z.boolean() }),
);

export const remindReaderInput = closeReadingInput.pick({ readerCode: true });

/** How a list stands: `waiting` for what is read before it, `practice` for that to be passed; `closed` by the lock. */
export const listState = z.enum(["complete", "closed", "waiting", "wash-out", "practice", "open"]);
export const signatureMeaning = z.enum(["alone_size_hidden", "alone_size_shown"]);

export const signReadsInput = z.object({
  listId: z.uuid(),
  /** Of the reads that the page showed. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  password: z.string().min(1, "fields.password").max(200).check(oneLine),
});
export type SignReads = z.infer<typeof signReadsInput>;

/** Opens a list before its wash-out is over. */
export const overrideWashOutInput = z.object({
  listId: z.uuid(),
  /** When it opens by itself, as the page showed it. */
  opensAt: z.iso.datetime().transform((text) => new Date(text)),
  reason: z.string().trim().min(3, "fields.reason").max(500).check(withLines),
  password: signReadsInput.shape.password,
});
export type OverrideWashOut = z.infer<typeof overrideWashOutInput>;

/** What a reader signs at the end of a list, or signed. */
const readsToSign = z.object({
  reads: z.int(),
  from: z.date(),
  to: z.date(),
  sha256: z.string(),
  meaning: signatureMeaning,
  /** The newest signature, and whether it is of the reads as they stand. */
  signed: z.object({ at: z.date(), stands: z.boolean() }).nullable(),
});

/** A list of which reads were made here, for whoever follows the readers. */
export const listSignature = z.object({
  listId: z.string(),
  readerCode: z.string(),
  condition: z.string(),
  batch: z.int(),
  reads: z.int(),
  signature: z
    .object({
      meaning: signatureMeaning,
      protocolVersion: z.string(),
      name: z.string(),
      at: z.date(),
      sha256: z.string(),
      /** Whether the hash of the reads, computed anew, is the one that was signed. */
      stands: z.boolean(),
    })
    .nullable(),
});
export type ListSignature = z.infer<typeof listSignature>;

export const readingList = z.object({
  id: z.string(),
  condition: z.object({ key: z.string(), label: z.string(), shows: z.array(shown) }),
  batch: z.int(),
  washOutDays: z.number(),
  total: z.int(),
  done: z.int(),
  opensAt: z.date().nullable(),
  state: listState,
  /** Null as long as the list is not read to its end, and where no read of it was made here. */
  toSign: readsToSign.nullable(),
});
export type ReadingList = z.infer<typeof readingList>;

/** Who of the readers is shown more of how many cases already, in a later condition, so that they are drawn for that reader no more. */
const tooLate = z.array(z.object({ readerCode: z.string(), cases: z.int() }));

/** What a draw gave: cases for whoever lacked most, for how many readers, and what was left out of whom. */
export const drawn = z.object({ cases: z.int(), readers: z.int(), tooLate });

export const readingProgress = z.object({
  lists: z.array(
    z.object({
      id: z.uuid(),
      readerCode: z.string(),
      reader: z.string(),
      condition: z.string(),
      batch: z.int(),
      total: z.int(),
      done: z.int(),
      lastSubmittedAt: z.date().nullable(),
      state: listState,
      /** When a wash-out ends. */
      opensAt: z.date().nullable(),
      /** Cases read in the last seven days. */
      lastWeek: z.int(),
      /** When it is read to its end if the days to come are as the last seven, or those since it opened; null where nothing was read in these. */
      doneAbout: z.date().nullable(),
      /** Whole days for which the reader of a list that is open has read nothing, of it or of another; null of one who left. */
      quietDays: z.int().nullable(),
      /** What the order was drawn with, and its hash; null until the database is locked. */
      order: z.object({ seed: z.string(), sha256: z.string() }).nullable(),
      /** Why what was left of it is read no more. */
      closed: z.string().nullable(),
      /** How it is signed; null where no read of it was made here. */
      signature: z.enum(["none", "stands", "outdated"]).nullable(),
      signedAt: z.date().nullable(),
    }),
  ),
  readers: z.array(z.object({ readerCode: z.string(), name: z.string(), remindedAt: z.date().nullable() })),
  /** Lists that were opened before their wash-out was over, newest first. */
  overrides: z.array(
    z.object({
      id: z.uuid(),
      readerCode: z.string(),
      condition: z.string(),
      batch: z.int(),
      /** When the list would have opened by itself. */
      opensAt: z.date(),
      washOutDays: z.number(),
      reason: z.string(),
      by: z.string(),
      at: z.date(),
    }),
  ),
  /** What one case is: an image, or a node with its planes side by side. */
  unit: caseUnit,
  /** Cases of a list that are drawn twice without their reader being told; null: none. */
  repeats: z.object({ cases: z.int(), apart: z.int() }).nullable(),
  /** Whether the protocol asks for checks of the screen. */
  checksDisplays: z.boolean(),
  /** Who of the readers lacks how many cases, where any. */
  lacking: z.array(z.object({ readerCode: z.string(), cases: z.int() })),
  tooLate,
  lackingCrops: z.int(),
  mayDraw: z.boolean(),
  mayOverride: z.boolean(),
  /** Whether readers can be reminded by mail. */
  sendsMail: z.boolean(),
  locked: z.boolean(),
});
export type ReadingProgress = z.infer<typeof readingProgress>;
