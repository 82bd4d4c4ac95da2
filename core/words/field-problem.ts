import type { z } from "zod";
import { isWordKey, type Said, type WordKey, type WordValues } from ".";

/**
 * What is wrong with a value: the schema's own words where its message is a key of `fields`, else the words for this kind of problem.
 * Limits, the last name of the path (`column`) and what a check gives as `params` are values of the message; so is `input`, where the schema was
 * parsed with `reportInput`.
 */
export function saidOf(issue: z.core.$ZodIssue): Said {
  const values: WordValues = {
    column: String(issue.path.at(-1) ?? ""),
    input: String(issue.input ?? ""),
    ...("minimum" in issue && { minimum: Number(issue.minimum) }),
    ...("maximum" in issue && { maximum: Number(issue.maximum) }),
    ...("values" in issue && { values: issue.values.map(String).join(", ") }),
    ...("keys" in issue && { keys: issue.keys.map(String).join(", ") }),
    ...(issue.code === "custom" && issue.params),
  };
  return { key: isWordKey(issue.message) ? issue.message : ofKind(issue), values };
}

function ofKind(issue: z.core.$ZodIssue): WordKey {
  switch (issue.code) {
    case "invalid_type":
      if (issue.expected === "int") return "fields.whole";
      return issue.expected === "number" ? "fields.number" : "fields.required";
    case "too_small":
      return limits[kindOf(issue.origin)][issue.inclusive === false ? "above" : "least"];
    case "too_big":
      return limits[kindOf(issue.origin)][issue.inclusive === false ? "below" : "most"];
    case "invalid_value":
      return "fields.choice";
    case "invalid_format":
      return "fields.form";
    case "unrecognized_keys":
      return "fields.unknown";
    default:
      return "fields.wrong";
  }
}

const limits = {
  number: { least: "fields.least", above: "fields.above", most: "fields.most", below: "fields.below" },
  string: {
    least: "fields.characters_least",
    above: "fields.characters_least",
    most: "fields.characters_most",
    below: "fields.characters_most",
  },
  list: {
    least: "fields.entries_least",
    above: "fields.entries_least",
    most: "fields.entries_most",
    below: "fields.entries_most",
  },
} as const satisfies Record<string, Record<string, WordKey>>;

const kindOf = (origin: string): keyof typeof limits =>
  origin === "string" ? "string" : ["array", "set", "map"].includes(origin) ? "list" : "number";
