import { readFile } from "node:fs/promises";
import { Command, Option } from "commander";
import { plannedContrast } from "@/core/protocol/analysis";
import {
  answerOf,
  type FieldName,
  fields,
  isAsked,
  type Plan,
  startOf,
  type Typed,
} from "@/core/stats/design/typed-design";
import { runWithoutServices, unreadable } from "@/scripts/cli/run-command";
import { inWords, locale, words } from "@/scripts/cli/words";
import { AppError } from "@/server/errors";
import { parseProtocol } from "@/server/services/study/parse-protocol";

const names = Object.keys(fields) as FieldName[];
const optionOf = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const kinds = ["condition", "network"] as const;
const measures = ["auc", "sensitivity", "specificity"] as const;
const readersAre = ["fixed", "random"] as const;

type Options = { protocol?: string } & Partial<Omit<Typed, "values"> & Record<FieldName, string>>;

/** design [--protocol FILE] [--kind KIND] [--measure MEASURE] [--readers-are WHO] [--first SHARE] …: an option for every field of the page. */
export function designCommand(): Command {
  const command = new Command("design")
    .description(words("design.about"))
    .option("--protocol <file>", words("design.protocol"))
    .addOption(new Option("--kind <kind>", inWords({ key: "design.kind.legend" })).choices(kinds))
    .addOption(new Option("--measure <measure>", inWords({ key: "design.measure.legend" })).choices(measures))
    .addOption(new Option("--readers-are <whom>", inWords({ key: "design.readersAre.legend" })).choices(readersAre));
  for (const name of names)
    command.option(
      `--${optionOf(name)} <number>`,
      words("design.field", { field: { key: `design.field.${name}` }, hint: { key: `design.hint.${name}` } }),
    );
  runWithoutServices<Options>(command, async ({ options: { protocol, ...options } }) => {
    const typed = typedOf(await planOf(protocol), options);
    const answer = answerOf(typed);
    if (answer.kind === "wrong") throw refusal(answer.fields);
    return { json: { design: typed, ...answer }, text: [...designInLines(typed), "", ...answerInLines(answer)] };
  });
  return command;
}

/** What the protocol plans; without one the same as on the page of a study without a plan. */
async function planOf(path: string | undefined): Promise<Plan> {
  if (path === undefined) return { primary: null, readers: Number(fields.readers.start) };
  const { document } = parseProtocol(await readFile(path, "utf8").catch(unreadable(path)));
  return { primary: plannedContrast(document.analysis.primary), readers: document.readers.length };
}

function typedOf(plan: Plan, options: Omit<Options, "protocol">): Typed {
  const start = startOf(plan);
  const given = names.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]] as const]));
  return {
    kind: options.kind ?? start.kind,
    measure: options.measure ?? start.measure,
    readersAre: options.readersAre ?? start.readersAre,
    values: { ...start.values, ...Object.fromEntries(given) },
  };
}

function refusal(wrong: readonly FieldName[]): AppError {
  const problems = wrong.map((name) => ({
    key: "cli.option_refused" as const,
    values: {
      option: optionOf(name),
      problem: { key: "design.range" as const, values: { min: fields[name].min, max: fields[name].max } },
    },
  }));
  return new AppError("invalid", { key: "cli.design.refused" }, problems);
}

function designInLines(typed: Typed): string[] {
  return [
    inWords({ key: `design.kind.${typed.kind}` }),
    inWords({ key: `design.measure.${typed.measure}` }),
    inWords({ key: `design.readersAre.${typed.readersAre}` }),
    ...names
      .filter((name) => isAsked(name, typed) && typed.values[name].trim() !== "")
      .map((name) => words("design.value", { field: { key: `design.field.${name}` }, value: typed.values[name] })),
  ];
}

function answerInLines(answer: Exclude<ReturnType<typeof answerOf>, { kind: "wrong" }>): string[] {
  if (answer.kind === "nothing") return [inWords({ key: "design.result.nothing" })];
  if (answer.kind === "never") return [inWords({ key: "design.result.never", values: { readers: answer.readers } })];
  const whole = (value: number) => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(value);
  const { patients, nodes, images, positive, designEffect, power } = answer;
  return [
    inWords({
      key: "design.result.needed",
      values: {
        ...{ patients: whole(patients), nodes: whole(nodes), images: whole(images) },
        percent: (100 * power).toFixed(1),
      },
    }),
    inWords({ key: "design.result.about", values: { positive: whole(positive), effect: designEffect.toFixed(2) } }),
    inWords({ key: "design.result.method" }),
  ];
}
