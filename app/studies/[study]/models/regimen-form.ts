import { type FieldProblems, problemsIn } from "@/app/_i18n/field-problems";
import { type NetworkRegimen, type ProtocolRegimen, paperNetwork } from "@/core/protocol/regimen";
import { type TrainInput, trainInput } from "@/server/schemas/model";

/** The regimen of a network under this protocol, the founding study's where the protocol trains the last unit only (`regimenFor`). */
function networkOf(protocol: ProtocolRegimen): NetworkRegimen {
  if (protocol.trainable === "network") return protocol;
  const { trainable, scaling, optimiser, ...common } = protocol;
  return { ...paperNetwork, ...common };
}

/** What the fields of the form hold before anybody changes them. */
export function defaultsOf(protocol: ProtocolRegimen, trainable: "head" | "network"): Required<TrainInput> {
  const network = networkOf(protocol);
  const { optimiser, architecture, inputSize, scaling, threshold, shuffledLabels, ...rest } = network;
  const epochs = trainable === protocol.trainable ? protocol.optimiser.epochs : trainable === "head" ? 500 : undefined;
  const { learningRate, schedule, batchSize } = optimiser;
  return { ...rest, trainable, learningRate, schedule, batchSize, epochs: epochs ?? optimiser.epochs };
}

const numbers = new Set<string>([
  "folds",
  "seed",
  "epochs",
  "frozen",
  "headFirstEpochs",
  "learningRate",
  "batchSize",
  "microBatch",
  "rotationDegrees",
  "noiseSigma",
  "blurSigma",
  "tuningFraction",
  "patience",
]);
const switches = ["sizeBlind", "flipHorizontal", "flipVertical"] as const;

export type Read = { input: TrainInput; problems: FieldProblems };

/** The filled form as what the server takes: only what differs from the protocol, with the problem of each field that cannot be taken. */
export function readForm(form: FormData, defaults: Required<TrainInput>): Read {
  const given = new Map<string, unknown>();
  for (const [name, value] of form) {
    if (typeof value !== "string" || value.trim() === "") continue;
    given.set(name, numbers.has(name) ? Number(value) : value);
  }
  for (const name of switches) if (form.has(`${name}-shown`)) given.set(name, form.has(name));
  const known: Record<string, unknown> = defaults;
  const changed = Object.fromEntries(
    [...given].filter(([name, value]) => name in known && (name === "trainable" || known[name] !== value)),
  );
  const parsed = trainInput.safeParse(changed);
  return parsed.success ? { input: parsed.data, problems: {} } : { input: {}, problems: problemsIn(parsed.error) };
}

/**
 * What is asked for after a field was changed. What learns decides the other fields, which are still those of the choice before when it is told.
 * @param field the name of the changed field
 */
export function askedAfter(
  field: string,
  form: FormData,
  { protocol, asked }: { protocol: ProtocolRegimen; asked: Required<TrainInput> },
): Required<TrainInput> {
  if (field === "trainable") return defaultsOf(protocol, form.get(field) === "network" ? "network" : "head");
  const { trainable } = asked;
  const defaults = defaultsOf(protocol, trainable);
  return { ...defaults, ...readForm(form, defaults).input, trainable };
}

/** The name of the field that an event of a form is about. */
export const fieldOf = ({ target }: { target: EventTarget }): string => ("name" in target ? String(target.name) : "");

/** Problems of the server by the field that they begin with: "microBatch: 20 is more than ...". */
export const fieldErrors = (problems: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    problems.flatMap((problem) => {
      const [, field, message] = /^(\w+): (.*)$/s.exec(problem) ?? [];
      return field && message ? [[field, message]] : [];
    }),
  );
