import { type FieldErrors, type FieldValues, type Resolver, set } from "react-hook-form";
import type { z } from "zod";
import { useSay } from "@/app/_lib/use-say";
import type { Said } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";

/** The first problem of each field, in no language yet. */
export type FieldProblems = Record<string, Said>;

/** What a schema refuses, by the field's path ("depths", "identity.name"). */
export function problemsIn(error: z.ZodError): FieldProblems {
  const problems: FieldProblems = {};
  for (const issue of error.issues) problems[issue.path.join(".")] ??= saidOf(issue);
  return problems;
}

/** Problems in the language of the page. */
export function useFieldProblems(): (problems: FieldProblems) => Record<string, string> {
  const say = useSay();
  return (problems) => Object.fromEntries(Object.entries(problems).map(([field, problem]) => [field, say(problem)]));
}

/** The fields of a form checked by a schema, their problems in the language of the page. */
export function useFieldResolver<T extends FieldValues>(schema: z.ZodType<T>): Resolver<T> {
  const say = useFieldProblems();
  return (values) => {
    const parsed = schema.safeParse(values);
    if (parsed.success) return { values: parsed.data, errors: {} };
    const errors: FieldErrors<T> = {};
    for (const [field, message] of Object.entries(say(problemsIn(parsed.error))))
      set(errors, field, { type: "schema", message });
    return { values: {}, errors };
  };
}
