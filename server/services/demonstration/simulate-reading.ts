import { randomBytes, randomUUID } from "node:crypto";
import type { Protocol } from "@/core/protocol/protocol";
import { seedOf } from "@/core/random";
import { seedThatKeepsApart } from "@/core/reading/designs/order";
import { occasionOf } from "@/core/reading/schedule";
import { type NodeFeatures, simulateRead } from "@/core/reading/simulate";
import { SaidError } from "@/core/words/said";
import type { Tx } from "@/db/actor";
import { insertInChunks } from "@/db/insert-in-chunks";
import { read, readingList, readingSlot } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { drawnOrder } from "@/server/services/reading/drawn-order";
import { makeCases } from "@/server/services/reading/make-cases";
import { sha256 } from "@/server/sha256";
import type { Demonstration } from "./populations";

export interface ReadableCrop {
  cropId: string;
  nodeId: string;
  features: NodeFeatures;
  shortAxisMm: number;
}

/** How well each simulated reader perceives what a node shows, 0 to 1. */
const skills: Record<string, number> = { R2: 0.68, R3: 0.6 };
const usualSkill = 0.6;

/**
 * Draws the schedule of every reader and condition and reads it as far as the demonstration says. The simulated reader sees what a
 * reader would: the features with noise, and the size only where the condition shows it.
 * @returns the number of reads
 */
export async function simulateReading(
  tx: Tx,
  actor: StudyActor,
  options: {
    demonstration: Demonstration;
    document: Protocol;
    protocolVersionId: string;
    crops: readonly ReadableCrop[];
    readers: readonly { membershipId: string; readerCode: string }[];
  },
): Promise<number> {
  const { demonstration, document, protocolVersionId, crops, readers } = options;
  const { studyId } = actor;
  const ruleSet = document.ruleSets.find(({ key }) => key === document.form.ruleSet);
  if (!ruleSet) throw new SaidError({ key: "errors.no_rule_set", values: { protocol: document.key } });
  const cases = await makeCases(
    tx,
    crops.map(({ cropId }) => [cropId]),
  );
  const ofNodes = cases.flatMap((id, place) => {
    const crop = crops[place];
    return crop ? [{ id, node: crop.nodeId }] : [];
  });
  const shownAs = new Map(crops.map((image, place) => [cases[place], { image, place }]));
  const lists: (typeof readingList.$inferInsert)[] = [];
  const slots: (typeof readingSlot.$inferInsert)[] = [];
  const reads: (typeof read.$inferInsert)[] = [];

  for (const { membershipId, readerCode } of readers) {
    for (const [ordinal, condition] of document.conditions.entries()) {
      const seed = seedThatKeepsApart + randomBytes(32).toString("hex");
      const order = drawnOrder({ cases: ofNodes, seed });
      const listId = randomUUID();
      lists.push({
        id: listId,
        studyId,
        membershipId,
        protocolVersionId,
        conditionKey: condition.key,
        conditionOrdinal: ordinal,
        shows: condition.shows,
        washOutDays: condition.washOutDays,
        seed,
        orderSha256: sha256(order.join("\n")),
      });
      const until = Math.floor(order.length * (demonstration.reading[readerCode]?.[ordinal] ?? 0));
      const occasion = occasionOf(condition, document.conditions);
      for (const [index, caseId] of order.entries()) {
        const slotId = randomUUID();
        slots.push({ id: slotId, studyId, listId, position: index + 1, caseId, occasion });
        const shown = shownAs.get(caseId);
        if (!shown || index >= until) continue;
        const { image, place } = shown;
        const simulated = simulateRead({
          features: image.features,
          shortAxisMm: condition.shows.includes("size") ? image.shortAxisMm : null,
          ruleSet,
          skill: skills[readerCode] ?? usualSkill,
          // Ids and orders are new with every installation; the places of the crops are not, so a case is read alike everywhere.
          seed: seedOf(demonstration.seed, readerCode, condition.key, "read", place),
        });
        reads.push({
          studyId,
          caseId,
          readerCode,
          conditionKey: condition.key,
          occasion,
          slotId,
          criteria: simulated.criteria,
          ruleSetKey: ruleSet.key,
          proposedCall: simulated.proposed,
          call: simulated.call,
          overrideReason: simulated.overrideReason,
          confidence: simulated.confidence,
          activeMs: simulated.activeMs,
          protocolVersionId,
          source: "simulated",
          idempotencyKey: randomUUID(),
        });
      }
    }
  }
  await insertInChunks(tx, readingList, lists);
  await insertInChunks(tx, readingSlot, slots);
  await insertInChunks(tx, read, reads);
  return reads.length;
}
