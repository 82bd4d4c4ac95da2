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
        ? `is missing; add it, ${a(issue.expected)}`
        : `${written(issue.input)} is not ${a(issue.expected)}; write ${a(issue.expected)}`;
    case "invalid_value":
      return issue.input === undefined
        ? `is missing; write ${listed(issue.values)}`
        : `${written(issue.input)} is not known; write ${listed(issue.values)}`;
    case "unrecognized_keys":
      return `${issue.keys.length === 1 ? `${written(issue.keys[0])} is` : `${listed(issue.keys, "and")} are`} not known here; correct the name, or remove it`;
    case "too_small":
      return `${written(issue.input)} is too ${issue.origin === "string" ? "short" : "small"}; ${bound(issue.origin, issue.inclusive ? "at least" : "more than", issue.minimum)}`;
    case "too_big":
      return `${written(issue.input)} is too ${issue.origin === "string" ? "long" : "large"}; ${bound(issue.origin, issue.inclusive ? "at most" : "less than", issue.maximum)}`;
    case "invalid_union":
      // Without branches it is a discriminator that is not known.
      return issue.errors.length > 0 || !("options" in issue) || !issue.options
        ? `${written(issue.input)} ${issue.message}`
        : `${written(issue.input)} is not known; write ${listed(issue.options)}`;
    default:
      return issue.message;
  }
}

const a = (type: string) =>
  /^(int|array|object)$/.test(type)
    ? `an ${{ int: "integer", array: "list: [...]", object: "entry: { name: value }" }[type]}`
    : `a ${type}`;

function bound(origin: string, word: string, limit: number | bigint): string {
  const what = { string: " characters", array: " entries" }[origin] ?? "";
  return `write ${word} ${limit}${what}`;
}

function written(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shown.characters ? `${text.slice(0, shown.characters)} ...` : text;
}

function listed(values: readonly unknown[], word = "or"): string {
  const rest = values.length - shown.values;
  const first = values.slice(0, shown.values).map(written);
  return rest > 0 ? `${first.join(", ")} ${word} ${rest} more` : first.join(` ${word} `);
}
