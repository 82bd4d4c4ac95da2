import type { z } from "zod";

/** Longest value that a problem repeats, and most values that it lists. */
const shown = { characters: 60, values: 8 };

/** A problem of a document in one sentence: field, value, remedy. */
export const problemOf = (issue: z.core.$ZodIssue): string =>
  `${issue.path.join(".") || "protocol"}: ${sentence(issue)}`;

function sentence(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return issue.input === undefined
        ? `is missing; write ${a(issue.expected)}`
        : `${written(issue.input)} is not ${a(issue.expected)}; write ${a(issue.expected)}`;
    case "invalid_value":
      return oneOf(issue.input, issue.values);
    case "unrecognized_keys":
      return `${issue.keys.length === 1 ? `${written(issue.keys[0])} is` : `${listed(issue.keys, "and")} are`} not known here; correct the name, or remove it`;
    case "too_small":
      if (issue.input === "" || (Array.isArray(issue.input) && issue.input.length === 0)) return "is empty; fill it in";
      return `${written(issue.input)} is too ${issue.origin === "string" ? "short" : "small"}; ${bound(issue.origin, issue.inclusive ? "at least" : "more than", issue.minimum)}`;
    case "too_big":
      return `${written(issue.input)} is too ${issue.origin === "string" ? "long" : "large"}; ${bound(issue.origin, issue.inclusive ? "at most" : "less than", issue.maximum)}`;
    case "invalid_union":
      return "options" in issue && issue.options
        ? oneOf(fieldOf(issue.input, issue.path.at(-1)), issue.options)
        : issue.input === undefined
          ? "is missing; write a text"
          : `${written(issue.input)} ${issue.message}`;
    default:
      return issue.message;
  }
}

const oneOf = (value: unknown, known: readonly unknown[]) =>
  `${value === undefined ? "is missing" : `${written(value)} is not known`}; write ${listed(known)}`;

const fieldOf = (entry: unknown, name: PropertyKey | undefined): unknown =>
  typeof entry === "object" && entry !== null && name !== undefined ? Reflect.get(entry, name) : undefined;

const types: Record<string, string> = {
  int: "a whole number",
  string: "a text",
  array: "a list: [...]",
  object: "an entry: { name: value }",
  boolean: "true or false",
};
const a = (type: string) => types[type] ?? `a ${type}`;

const counted: Record<string, string> = { string: " characters", array: " entries" };
const bound = (origin: string, word: string, limit: number | bigint) =>
  `write ${word} ${limit}${counted[origin] ?? ""}`;

function written(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shown.characters ? `${text.slice(0, shown.characters)} ...` : text;
}

function listed(values: readonly unknown[], word = "or"): string {
  const rest = values.length - shown.values;
  const first = values.slice(0, shown.values).map(written);
  return rest > 0 ? `${first.join(", ")} ${word} ${rest} more` : first.join(` ${word} `);
}
