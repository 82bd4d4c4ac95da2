import ts from "typescript";
import { expect, test } from "vitest";
import { appRouter } from "@/server/api/root";
import { nodesOf, parse, sourcesOf } from "./source";

/** The procedures that a file calls as it renders: `api.reading.mine(...)`. */
const calledIn = (file: ts.SourceFile): string[] =>
  [...nodesOf(file)].flatMap((node) =>
    ts.isCallExpression(node) ? (/^(?:api|caller)\.(\w+\.\w+)$/.exec(node.expression.getText())?.[1] ?? []) : [],
  );

/** By the path of each procedure, which stand side by side whatever their type says. */
const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;
const kinds = new Map(Object.entries(procedures).map(([path, { _def }]) => [path, _def.type]));

test("a page changes nothing by being rendered, whichever site sent the browser there: it asks, and writes by calls of its own", () => {
  const called = sourcesOf("app").flatMap((file) => calledIn(file).map((path) => ({ file: file.fileName, path })));
  expect(called.length).toBeGreaterThan(30);
  expect(called.filter(({ path }) => kinds.get(path) !== "query")).toEqual([]);
});

test("a page that opened a case would be found", () => {
  expect(calledIn(parse("page.tsx", "await load((api) => api.reading.open({ study }));"))).toEqual(["reading.open"]);
  expect(kinds.get("reading.open")).toBe("mutation");
});

/** The attributes of each form that a file renders. */
const formsIn = (file: ts.SourceFile): string[][] =>
  [...nodesOf(file)].flatMap((node) =>
    (ts.isJsxOpeningElement(node) || ts.isJsxSelfClosingElement(node)) && node.tagName.getText() === "form"
      ? [node.attributes.properties.map((attribute) => attribute.getText())]
      : [],
  );

test("what is typed into a form comes into no address: one that is sent before the page's own program runs is no GET", () => {
  const forms = sourcesOf("app").flatMap(formsIn);
  expect(forms.length).toBeGreaterThan(10);
  expect(forms.filter((attributes) => !attributes.includes('method="post"'))).toEqual([]);
  expect(formsIn(parse("page.tsx", "<form onSubmit={send} />"))).toEqual([["onSubmit={send}"]]);
});
