import { type ProtocolRegimen, paperNetwork, problemsOf } from "@/core/protocol/regimen";
import type { Said } from "@/core/words";
import { followedBy } from "@/core/words/said";
import { AppError } from "@/server/errors";
import { type TrainInput, trainInput } from "@/server/schemas/model";

/**
 * The regimen of a run: the protocol's with the changes that were asked for. Where the protocol trains the last unit only and the network is
 * asked for, the founding study's regimen fills in what the protocol does not say.
 * @param changes nothing else of it gets into the regimen: a call carries the study's name beside them
 * @throws AppError "invalid" with every combination that cannot be done, and every setting of the network where the last unit alone is trained
 */
export function regimenFor(protocol: ProtocolRegimen, changes: TrainInput): ProtocolRegimen {
  const {
    trainable = protocol.trainable,
    epochs,
    learningRate,
    schedule,
    batchSize,
    ...given
  } = trainInput.parse(changes);
  const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const common = {
    architecture: protocol.architecture,
    weights: protocol.weights,
    inputSize: protocol.inputSize,
    sizeBlind: protocol.sizeBlind,
    engine: protocol.engine,
    folds: protocol.folds,
    splitUnit: protocol.splitUnit,
    threshold: protocol.threshold,
    seed: protocol.seed,
    shuffledLabels: protocol.shuffledLabels,
  };
  if (trainable === "head") {
    const optimiser =
      protocol.trainable === "head" ? protocol.optimiser : ({ kind: "logistic", c: 0.01, epochs: 500 } as const);
    const shared = Object.fromEntries(Object.entries(asked).filter(([key]) => key in common));
    const ofNetwork = Object.entries({ ...asked, learningRate, schedule, batchSize })
      .filter(([key, value]) => value !== undefined && !(key in common))
      .map(([key]) => key);
    const config: ProtocolRegimen = {
      ...common,
      ...shared,
      trainable,
      scaling: "divide-by-255",
      optimiser: epochs ? { ...optimiser, epochs } : optimiser,
    };
    return refuseProblems(config, [
      ...ofNetwork.map((field): Said => ({ key: "errors.not_of_the_head", values: { field } })),
      ...problemsOf(config),
    ]);
  }
  const base = protocol.trainable === "network" ? protocol : { ...paperNetwork, ...common };
  const config: ProtocolRegimen = {
    ...base,
    ...asked,
    trainable,
    optimiser: {
      ...base.optimiser,
      ...(epochs && { epochs }),
      ...(learningRate && { learningRate }),
      ...(schedule && { schedule }),
      ...(batchSize && { batchSize }),
    },
  };
  return refuseProblems(config, problemsOf(config));
}

function refuseProblems(config: ProtocolRegimen, problems: readonly Said[]): ProtocolRegimen {
  const [first, ...others] = problems;
  if (first)
    throw new AppError(
      "invalid",
      { key: "errors.regimen_refused", values: { problems: others.reduce(followedBy, first) } },
      problems,
    );
  return config;
}
