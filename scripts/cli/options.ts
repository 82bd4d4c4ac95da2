import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import { sayIn } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";
import { AppError } from "@/server/errors";
import type { KnownStudy } from "@/server/services/study/command-line";

export const wholeNumber = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Give a whole number.");
  return Number(text);
};

export const decimal = (text: string): number => {
  if (!/^\d*\.?\d+(e[+-]?\d+)?$/i.test(text)) throw new InvalidArgumentError("Give a number with a decimal point.");
  return Number(text);
};

export const wholeNumbers = (text: string): number[] => text.split(",").map((each) => wholeNumber(each.trim()));

export const id = (text: string): string => {
  if (!z.uuid().safeParse(text).success) throw new InvalidArgumentError("Give the id of a run.");
  return text;
};

const yesOrNo = (text: string): boolean => {
  if (text !== "true" && text !== "false") throw new InvalidArgumentError("Write true or false.");
  return text === "true";
};

/** What a training may be asked for; what is left out is the protocol's, or the founding study's. */
export function withRegimenOptions(command: Command): Command {
  return command
    .option("--folds <n>", "folds (default: the protocol's)", wholeNumber)
    .option("--seed <n>", "seed of split and training (default: the protocol's)", wholeNumber)
    .option("--epochs <n>", "epochs or iterations at most (default: the protocol's)", wholeNumber)
    .option(
      "--split-unit <unit>",
      "patient; node and image let a patient stand on both sides, and are labelled as leaking",
    )
    .option("--weights <name>", "nsfwjs-4.4.0, imagenet-keras or random")
    .option("--engine <name>", "fastest, cuda, native or portable")
    .option("--size-blind [boolean]", "rescale crops to one size, so that the padding does not show it", yesOrNo)
    .option("--frozen-unit <unit>", "what --frozen counts: blocks or convolutions")
    .option("--head-first-epochs <n>", "epochs at the beginning in which the last unit alone learns", wholeNumber)
    .option("--learning-rate <rate>", "of momentum SGD", decimal)
    .option("--schedule <name>", "of the rate: time-decay or cosine")
    .option("--batch-size <n>", "images a step", wholeNumber)
    .option("--micro-batch <n>", "images computed together; a divisor of the batch size", wholeNumber)
    .option("--flip-horizontal [boolean]", "mirror left to right at random", yesOrNo)
    .option("--flip-vertical [boolean]", "mirror top to bottom at random", yesOrNo)
    .option("--rotation-degrees <degrees>", "rotate by up to this, either way", decimal)
    .option("--noise-sigma <sigma>", "Gaussian noise, of 255", decimal)
    .option("--blur-sigma <sigma>", "Gaussian blur of up to this, in pixels", decimal)
    .option("--class-weights <kind>", "none or balanced")
    .option("--tuning-fraction <share>", "share of the training side's patients that is set aside, 0 to 0.5", decimal)
    .option("--patience <n>", "epochs without a lower tuning loss after which training stops; 0: never", wholeNumber)
    .option("--operating-point <kind>", "fixed, or youden: chosen on the tuning part of each fold");
}

/**
 * Options as a schema of the API takes them.
 * @throws AppError "invalid" that names each option that is wrong
 */
export function parsed<S extends z.ZodObject>(schema: S, options: object): z.infer<S> {
  const asked = schema.safeParse(options);
  if (asked.success) return asked.data;
  const option = (path: string) => path.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new AppError(
    "invalid",
    asked.error.issues.map((issue) => `--${option(issue.path.join("."))}: ${sayIn("en")(saidOf(issue))}`).join("; "),
  );
}

export function refuseUnlocked({ name, state }: KnownStudy): void {
  if (state !== "locked")
    throw new AppError(
      "conflict",
      `The database of "${name}" is not locked; training opens then. Lock it with: lock --study NAME`,
    );
}
