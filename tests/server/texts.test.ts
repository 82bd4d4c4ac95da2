import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readNewProtocol } from "@/core/protocol/read-protocol";
import { sayIn } from "@/core/words";
import { appRouter } from "@/server/api/root";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";

/** Every schema of a text within a schema, with where it stands. */
function textsIn(schema: z.core.$ZodType, path: string): [path: string, text: z.ZodType][] {
  if (schema instanceof z.ZodString) return [[path, schema]];
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape).flatMap(([name, inner]) => textsIn(inner, `${path}.${name}`));
  if (schema instanceof z.ZodRecord)
    return [...textsIn(schema.keyType, `${path}{key}`), ...textsIn(schema.valueType, `${path}{value}`)];
  if (schema instanceof z.ZodArray) return textsIn(schema.element, `${path}[]`);
  if (schema instanceof z.ZodUnion)
    return schema.options.flatMap((inner, at) => textsIn(inner as z.core.$ZodType, `${path}|${at}`));
  // What counts the entries of a record comes before it (`few`).
  if (schema instanceof z.ZodPipe) return textsIn(schema.in instanceof z.ZodCustom ? schema.out : schema.in, path);
  if (
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  )
    return textsIn(schema.unwrap() as z.core.$ZodType, path);
  return [];
}

const procedures: [name: string, { _def: { inputs?: unknown[] } }][] = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: { inputs?: unknown[] } }>,
);
const texts = procedures.flatMap(([name, { _def }]) =>
  (_def.inputs ?? []).flatMap((input) => (input instanceof z.ZodType ? textsIn(input, name) : [])),
);

describe("whatever a person can send", () => {
  test("is found by the test: names, reasons and documents of every room", () => {
    const found = texts.map(([path]) => path);
    expect(found).toEqual(
      expect.arrayContaining([
        "enrolment.screen.identity.name",
        "enrolment.screen.overrides{value}",
        "enrolment.recordValues.values{key}",
        "enrolment.recordValues.values{value}|0",
        "reading.submit.criteria{key}",
        "reading.close.readerCode",
        "imaging.exclude.reason",
        "pathology.report.specimen",
        "reading.submit.overrideReason",
        "lock.lock.reason",
        "admin.addProtocol.source",
        "study.create.name",
      ]),
    );
  });

  test.each(texts)("%s takes no character that is not kept", (_, text) => {
    // Of every length: one that is refused as too long or too short says nothing of its characters.
    for (const strange of ["\u0000", "\u202e", "\ud800"])
      for (let letters = 0; letters < 40; letters++)
        expect(text.safeParse(`R${"1".repeat(letters)}${strange}`).success, `${letters}`).toBe(false);
  });
});

test("a protocol cannot bring one in what YAML passes over", async () => {
  const { source } = await shippedProtocol("demonstration");
  expect(parseProtocol(source).document.key).toBe("demonstration");
  expect(() => parseProtocol(`# \u0000\n${source}`)).toThrow("The protocol has 1 problem.");
});

test("nor by an escape of YAML", async () => {
  const { source } = await shippedProtocol("demonstration");
  const { problems } = readNewProtocol({ ...parse(source), title: parse('"\\u202eX"') });
  expect(problems?.map(sayIn("en"))).toEqual([
    "title: Holds a character that turns the direction of the text (U+202E), which is not kept; delete it, or type the text anew",
  ]);
});
