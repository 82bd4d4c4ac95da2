import type { z } from "zod";
import { isWordKey, type Said } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";

/** Longest value that a problem repeats, and most values that it lists. */
const shown = { characters: 60, values: 8 };

/** A problem of a document: field, value, remedy. In the words of the schema where it has them, else in those of a document for its kind. */
export const problemOf = (issue: z.core.$ZodIssue): Said => ({
  key: "protocol.problem",
  values: { place: issue.path.join(".") || { key: "protocol.whole" }, problem: inWords(issue) },
});

function inWords(issue: z.core.$ZodIssue): Said {
  const wanted = wantedBy(issue);
  if (wanted && judged(issue) === undefined) return { key: "protocol.missing", values: { wanted } };
  if (isWordKey(issue.message)) return asSchemaSays(issue);
  const value = written(judged(issue));
  switch (issue.code) {
    case "invalid_type":
      return wanted ? { key: "protocol.not_of_type", values: { value, wanted } } : saidOf(issue);
    case "invalid_value":
    case "invalid_union":
      return wanted ? { key: "protocol.not_one_of", values: { value, wanted } } : saidOf(issue);
    case "unrecognized_keys":
      return { key: "protocol.unknown", values: { keys: listed(issue.keys), count: issue.keys.length } };
    case "too_small":
      if (issue.input === "" || (Array.isArray(issue.input) && issue.input.length === 0))
        return { key: "protocol.empty" };
      if (typeof issue.input !== "number") return saidOf(issue);
      return {
        key: issue.inclusive === false ? "protocol.above" : "protocol.least",
        values: { value, limit: String(issue.minimum) },
      };
    case "too_big":
      if (issue.origin === "string")
        return { key: "protocol.characters_most", values: { value, limit: String(issue.maximum) } };
      return {
        key: issue.inclusive === false ? "protocol.below" : "protocol.most",
        values: { value, limit: String(issue.maximum) },
      };
    default:
      return saidOf(issue);
  }
}

function asSchemaSays(issue: z.core.$ZodIssue): Said {
  const { key, values } = saidOf(issue);
  return { key, values: { ...values, input: written(issue.input) } };
}

/** What should stand where something is missing or of another kind. */
function wantedBy(issue: z.core.$ZodIssue): Said | null {
  switch (issue.code) {
    case "invalid_type":
      return ofType(issue.expected);
    case "invalid_value":
      return oneOf(issue.values);
    case "invalid_union":
      return "options" in issue && issue.options ? oneOf(issue.options) : ofType("string");
    default:
      return null;
  }
}

/** A union that is told apart by a field reports the whole entry. */
const judged = (issue: z.core.$ZodIssue): unknown =>
  issue.code === "invalid_union" && "options" in issue && issue.options
    ? fieldOf(issue.input, issue.path.at(-1))
    : issue.input;

const fieldOf = (entry: unknown, name: PropertyKey | undefined): unknown =>
  typeof entry === "object" && entry !== null && name !== undefined ? Reflect.get(entry, name) : undefined;

const ofType = (type: string): Said => ({ key: "protocol.type", values: { type } });
const oneOf = (known: readonly unknown[]): Said => ({
  key: "protocol.one_of",
  values: { values: listed(known), count: known.length },
});

function written(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > shown.characters ? `${text.slice(0, shown.characters)} ...` : text;
}

function listed(values: readonly unknown[]): string | Said {
  const more = values.length - shown.values;
  const first = values.slice(0, shown.values).map(written).join(", ");
  return more > 0 ? { key: "protocol.and_more", values: { first, more } } : first;
}
