import { type Command, InvalidArgumentError } from "commander";
import { z } from "zod";
import type { Said } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";
import { AppError } from "@/server/errors";
import type { KnownStudy } from "@/server/schemas/study";
import { words } from "./words";

export const wholeNumber = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(words("argument.whole"));
  return Number(text);
};

export const decimal = (text: string): number => {
  if (!/^\d*\.?\d+(e[+-]?\d+)?$/i.test(text)) throw new InvalidArgumentError(words("argument.decimal"));
  return Number(text);
};

export const wholeNumbers = (text: string): number[] => text.split(",").map((each) => wholeNumber(each.trim()));

/** PS3.5 section 6.2: up to 16 characters of ASCII. */
export const aeTitle = (text: string): string => {
  if (!/^[!-[\]-~]([ -[\]-~]{0,14}[!-[\]-~])?$/.test(text)) throw new InvalidArgumentError(words("argument.ae_title"));
  return text;
};

export const aeTitles = (text: string): string[] => text.split(",").map((each) => aeTitle(each.trim()));

export const id = (text: string): string => {
  if (!z.uuid().safeParse(text).success) throw new InvalidArgumentError(words("argument.run"));
  return text;
};

export const day = (text: string): string => {
  if (!z.iso.date().safeParse(text).success) throw new InvalidArgumentError(words("argument.day"));
  return text;
};

const yesOrNo = (text: string): boolean => {
  if (text !== "true" && text !== "false") throw new InvalidArgumentError(words("argument.yes_or_no"));
  return text === "true";
};

/** What a training may be asked for; what is left out is the protocol's, or the founding study's. */
export function withRegimenOptions(command: Command): Command {
  return command
    .option("--folds <n>", words("regimen.folds"), wholeNumber)
    .option("--seed <n>", words("regimen.seed"), wholeNumber)
    .option("--epochs <n>", words("regimen.epochs"), wholeNumber)
    .option("--split-unit <unit>", words("regimen.split_unit"))
    .option("--weights <name>", words("regimen.weights"))
    .option("--engine <name>", words("regimen.engine"))
    .option("--size-blind [boolean]", words("regimen.size_blind"), yesOrNo)
    .option("--frozen-unit <unit>", words("regimen.frozen_unit"))
    .option("--head-first-epochs <n>", words("regimen.head_first_epochs"), wholeNumber)
    .option("--learning-rate <rate>", words("regimen.learning_rate"), decimal)
    .option("--schedule <name>", words("regimen.schedule"))
    .option("--batch-size <n>", words("regimen.batch_size"), wholeNumber)
    .option("--micro-batch <n>", words("regimen.micro_batch"), wholeNumber)
    .option("--flip-horizontal [boolean]", words("regimen.flip_horizontal"), yesOrNo)
    .option("--flip-vertical [boolean]", words("regimen.flip_vertical"), yesOrNo)
    .option("--rotation-degrees <degrees>", words("regimen.rotation_degrees"), decimal)
    .option("--noise-sigma <sigma>", words("regimen.noise_sigma"), decimal)
    .option("--blur-sigma <sigma>", words("regimen.blur_sigma"), decimal)
    .option("--class-weights <kind>", words("regimen.class_weights"))
    .option("--tuning-fraction <share>", words("regimen.tuning_fraction"), decimal)
    .option("--patience <n>", words("regimen.patience"), wholeNumber)
    .option("--operating-point <kind>", words("regimen.operating_point"));
}

/**
 * Options as a schema of the API takes them.
 * @throws AppError "invalid" that names each option that is wrong
 */
export function parsed<S extends z.ZodObject>(schema: S, options: object): z.infer<S> {
  const asked = schema.safeParse(options);
  if (asked.success) return asked.data;
  const option = (path: string) => path.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const problems = asked.error.issues.map(
    (issue): Said => ({
      key: "cli.option_refused",
      values: { option: option(issue.path.join(".")), problem: saidOf(issue) },
    }),
  );
  throw new AppError(
    "invalid",
    problems.reduce((first, second) => ({ key: "cli.both", values: { first, second } })),
  );
}

export function refuseUnlocked({ name, state }: KnownStudy): void {
  if (state !== "locked") throw new AppError("conflict", { key: "cli.not_locked", values: { study: name } });
}
