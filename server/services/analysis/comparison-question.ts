import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { AnalysisQuestion } from "@/server/services/computation/analysis-question";
import { currentMethods } from "@/server/services/computation/current-methods";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { networkRun } from "./network-run";

/** What the protocol calls things, by key. */
interface ProtocolLabels {
  conditions: Map<string, string>;
  ruleSets: Map<string, string>;
  /** Baseline items that are choices, by the keys of `factorsOf`. */
  factors: Map<string, string>;
  /** Of a plane, a region, an option of an item. */
  levels: Map<string, Map<string, string>>;
}

const labelled = (all: readonly { key: string; label: string }[]) => new Map(all.map(({ key, label }) => [key, label]));

/**
 * What a comparison is asked for, and what the protocol calls things in the language of whoever asks.
 * @param options.runId another run than the newest that speaks for the network
 * @throws AppError "not_found" when `runId` names no finished run, "conflict" when it names a control on exchanged labels
 */
export async function comparisonQuestion(
  tx: Tx,
  actor: StudyActor,
  options: { runId?: string | undefined },
): Promise<{ question: AnalysisQuestion & { protocolVersionId: string }; labels: ProtocolLabels }> {
  const { id: protocolVersionId, document } = await studyProtocol(tx, actor);
  const choices = document.baseline.items.flatMap((item) => (item.type === "choice" ? [item] : []));
  const run = await networkRun(tx, actor, options);
  return {
    question: {
      studyId: actor.studyId,
      runId: run?.id ?? null,
      protocolVersionId,
      runIds: [],
      methods: await currentMethods(tx, actor),
    },
    labels: {
      conditions: labelled(document.conditions),
      ruleSets: new Map(document.ruleSets.map(({ key, title }) => [key, title])),
      factors: new Map(choices.map(({ key, label }) => [`baseline_${key}`, label])),
      levels: new Map([
        ["plane", labelled(document.planes)],
        ["region", labelled(document.regions)],
        ...choices.map(({ key, options }): [string, Map<string, string>] => [`baseline_${key}`, labelled(options)]),
      ]),
    },
  };
}
