import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { expect, test } from "vitest";
import { auditActions, auditEntities } from "@/server/audit";
import { nodesOf, parse, sourcesOf } from "./source";

/** The literal texts below a node. */
const textsIn = (node: ts.Node | undefined): string[] =>
  node ? [...nodesOf(node)].flatMap((each) => (ts.isStringLiteral(each) ? [each.text] : [])) : [];

/** What a file hands to `record(tx, action, { entity })`; what an action is about may stand in a variable beside the call. */
function recordedIn(file: ts.SourceFile): { actions: string[]; entities: string[] } {
  const nodes = [...nodesOf(file)];
  const calls = nodes.filter(
    (node): node is ts.CallExpression => ts.isCallExpression(node) && node.expression.getText() === "record",
  );
  const entities = nodes.filter(
    (node): node is ts.PropertyAssignment => ts.isPropertyAssignment(node) && node.name.getText() === "entity",
  );
  return {
    actions: calls.flatMap((call) => textsIn(call.arguments[1])),
    entities: calls.length > 0 ? entities.flatMap((each) => textsIn(each.initializer)) : [],
  };
}

const services = [...sourcesOf("server/services"), ...sourcesOf("worker")].map(recordedIn);
const functions = new URL("../../db/functions/", import.meta.url);
const sqlTexts = readdirSync(functions).flatMap((file) => {
  // The list of all deeds, and who asks it, write none by themselves.
  const text = readFileSync(new URL(file, functions), "utf8").replaceAll(
    /REPLACE FUNCTION nw\.(?:deeds|record)\(.*?\n(?:END )?\$\$;/gs,
    "",
  );
  return [...text.matchAll(/'([a-z_.]+)'/g)].flatMap(([, literal]) => literal ?? []);
});

test("the service layer, the worker or the database writes every deed that the audit trail names, and everything they are about", () => {
  const actions = new Set([...services.flatMap(({ actions }) => actions), ...sqlTexts]);
  expect(auditActions.filter((action) => !actions.has(action))).toEqual([]);
  const entities = new Set([...services.flatMap(({ entities }) => entities), ...sqlTexts]);
  expect(auditEntities.filter((entity) => !entities.has(entity))).toEqual([]);
});

test("no page, route or command writes into the trail by itself: whoever calls the service is noted", () => {
  const others = ["app", "server/api", "scripts"].flatMap(sourcesOf);
  expect(others.filter((file) => recordedIn(file).actions.length > 0).map(({ fileName }) => fileName)).toEqual([]);
});

test("a deed that nothing writes would be found", () => {
  const file = parse(
    "sample.ts",
    'record(tx, earlier ? "a.first" : "a.again", { entity: "node" }); note(tx, "a.unwritten");',
  );
  expect(recordedIn(file)).toEqual({ actions: ["a.first", "a.again"], entities: ["node"] });
});
