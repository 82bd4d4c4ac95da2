import { type Command, Help } from "commander";
import { printable } from "@/core/text/characters";
import { words } from "./words";

const titles = {
  "Usage:": words("help.usage"),
  "Arguments:": words("help.arguments"),
  "Options:": words("help.options"),
  "Commands:": words("help.commands"),
};

/** What the parser says of a line that it cannot take: its pattern, and the same in words of ours. */
const complaints: readonly [RegExp, (first: string, second: string, rest: string) => string][] = [
  [/^error: unknown option ('.*?')/, (option) => words("usage.unknown_option", { option })],
  [/^error: unknown command ('.*?')/, (command) => words("usage.unknown_command", { command })],
  [/^error: required option ('.*?') not specified/, (option) => words("usage.option_missing", { option })],
  [/^error: missing required argument ('.*?')/, (argument) => words("usage.argument_missing", { argument })],
  [/^error: option ('.*?') argument missing/, (option) => words("usage.value_missing", { option })],
  [
    /^error: option ('.*?') argument ('.*?') is invalid\. (.*?)\s*$/s,
    (option, value, why) => words("usage.value_wrong", { option, value, why }),
  ],
  [/^error: too many arguments/, () => words("usage.too_many")],
];

function complaint(text: string): string {
  for (const [pattern, said] of complaints) {
    const found = pattern.exec(text);
    if (found) return said(found[1] ?? "", found[2] ?? "", found[3] ?? "");
  }
  return text.trimEnd();
}

const standard = new Help();

/** Gives the parser of a command, and of those below it, the language of this command. */
export function speak(command: Command): Command {
  command
    .helpOption("-h, --help", words("help.option"))
    .configureHelp({
      styleTitle: (title) => titles[title as keyof typeof titles] ?? title,
      optionDescription: (option) =>
        standard
          .optionDescription(option)
          .replace("choices:", words("help.choices"))
          .replace("default:", words("help.default")),
    })
    .configureOutput({ outputError: (text, write) => write(`${printable(complaint(text))}\n`) });
  if (command.commands.length > 0) command.helpCommand("help [command]", words("help.command"));
  command.commands.forEach(speak);
  return command;
}
