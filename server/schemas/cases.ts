import { z } from "zod";
import { splitUnit } from "@/core/protocol/regimen";
import { caseShows, caseSorts, networkShows } from "@/core/reading/found-cases";
import { oneLine } from "@/core/text/characters";
import { leakage } from "./leakage";
import { explainMethod } from "./model";
import { pathologyResult } from "./pathology";

/** Which cases somebody looks for (`core/reading/found-cases.ts`); a reader or a condition that is null: any. */
export const caseQuestion = z.object({
  show: z.enum(caseShows).default("all"),
  reader: z.string().min(1).max(40).check(oneLine).nullable().default(null),
  condition: z.string().min(1).max(200).check(oneLine).nullable().default(null),
  network: z.enum(networkShows).default("any"),
  sort: z.enum(caseSorts).default("study"),
});

/** A page of the cases that somebody looks for. */
export const casesInput = z.object({
  ...caseQuestion.shape,
  /** Another run than the newest that speaks for the network. */
  runId: z.uuid().optional(),
  /** From 1; the last one where there are fewer. Left out: the page on which `nodeId` stands, without one the first. */
  page: z.int().min(1).optional(),
  nodeId: z.uuid().optional(),
});
export type CasesInput = z.infer<typeof casesInput>;

/** The analysis case by case: a page of the nodes that were found, with their images, their truth, and what readers and network said of each image. */
export const cases = z.object({
  /** The run that is the network; null: none has scores. */
  run: z
    .object({
      id: z.uuid(),
      trainable: z.enum(["head", "network", "baseline", "elsewhere"]),
      splitUnit,
      leakage: leakage.nullable(),
    })
    .nullable(),
  conditions: z.array(z.object({ key: z.string(), label: z.string() })),
  /** The rules that made every call anew, as the protocol planned; null: the calls are those given. */
  rules: z.string().nullable(),
  /** Who read in which condition; `calls` and `confidences` of an image have a place for each of them, null where nothing was read. */
  parties: z.array(z.object({ reader: z.string(), condition: z.string() })),
  /** The whole study. */
  of: z.object({ nodes: z.int(), images: z.int() }),
  /** What was answered: the question without what does not count in it. */
  asked: caseQuestion,
  /** Nodes that were found, on `pages` pages. */
  found: z.int(),
  page: z.int(),
  pages: z.int(),
  nodes: z.array(
    z.object({
      id: z.uuid(),
      /** Among those found, from 1. */
      place: z.int(),
      subject: z.string(),
      label: z.string(),
      region: z.string().nullable(),
      shortAxisMm: z.number().nullable(),
      /** Null: pathology has reported nothing. */
      result: pathologyResult.nullable(),
      images: z.array(
        z.object({
          cropId: z.uuid(),
          plane: z.string(),
          /** Null: only reads or scores of it were published. */
          sha256: z.string().nullable(),
          /** Whether it is one that was looked for. */
          answers: z.boolean(),
          network: z.object({ score: z.number(), isPositive: z.boolean() }).nullable(),
          overlays: z.array(z.object({ taskId: z.uuid(), method: explainMethod })),
          calls: z.array(z.union([z.literal(0), z.literal(1)]).nullable()),
          /** 0-100 */
          confidences: z.array(z.int().nullable()),
        }),
      ),
    }),
  ),
});
export type CasesOutput = z.infer<typeof cases>;
export type ExploredNode = CasesOutput["nodes"][number];
export type ExploredImage = ExploredNode["images"][number];
