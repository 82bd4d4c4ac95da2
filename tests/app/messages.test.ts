import { readdirSync, readFileSync } from "node:fs";
import { type MessageFormatElement, parse, TYPE } from "@formatjs/icu-messageformat-parser";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { en as pagesEn } from "@/app/_messages/en";
import { zh as pagesZh } from "@/app/_messages/zh";
import { words } from "@/core/words";
import { actorRoles } from "@/db/schema/roles";
import { auditActions, auditEntities } from "@/server/audit";
import { nodesOf, parse as parseSource, placeOf, sourcesOf } from "./source";

type Tree = { [name: string]: string | Tree };

function leavesOf(tree: Tree, prefix = ""): [key: string, message: string][] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === "string" ? [[prefix + name, value] as [string, string]] : leavesOf(value, `${prefix}${name}.`),
  );
}

const messages = {
  en: new Map(leavesOf({ ...pagesEn, ...words.en })),
  zh: new Map(leavesOf({ ...pagesZh, ...words.zh })),
};

/** The arguments of a message, and the cases of its plurals. */
function partsOf(elements: MessageFormatElement[]): { arguments: string[]; plurals: string[] } {
  const all = elements.map((element) => {
    if (element.type === TYPE.literal || element.type === TYPE.pound) return { arguments: [], plurals: [] };
    const own = { arguments: [element.value], plurals: [] as string[] };
    if (element.type !== TYPE.plural && element.type !== TYPE.select) return own;
    if (element.type === TYPE.plural) own.plurals.push(...Object.keys(element.options));
    const inner = partsOf(Object.values(element.options).flatMap((option) => option.value));
    return {
      arguments: [...own.arguments, ...inner.arguments],
      plurals: [...own.plurals, ...inner.plurals],
    };
  });
  return {
    arguments: [...new Set(all.flatMap((each) => each.arguments))].sort(),
    plurals: [...new Set(all.flatMap((each) => each.plurals))].sort(),
  };
}

describe("the messages of both languages", () => {
  test("have the same keys", () => {
    expect([...messages.zh.keys()].sort()).toEqual([...messages.en.keys()].sort());
  });

  test("are ICU messages with the same arguments", () => {
    for (const [key, message] of messages.en) {
      const chinese = messages.zh.get(key) ?? "";
      expect({ key, arguments: partsOf(parse(chinese)).arguments }).toEqual({
        key,
        arguments: partsOf(parse(message)).arguments,
      });
    }
  });

  test("have the plurals of their language: one and other in English, other alone in Chinese", () => {
    const cases = (language: "en" | "zh") =>
      [...messages[language]].flatMap(([key, message]) =>
        partsOf(parse(message))
          .plurals.filter((each) => !each.startsWith("="))
          .map((each) => [key, each] as const),
      );
    expect(cases("en").filter(([, each]) => each !== "one" && each !== "other")).toEqual([]);
    expect(cases("zh").filter(([, each]) => each !== "other")).toEqual([]);
  });

  test("are in their language: Chinese has no sentence of Latin words, English no Chinese", () => {
    const latin = [...messages.zh].filter(([, message]) => {
      const text = parse(message).map((element) => (element.type === TYPE.literal ? element.value : " ｜ "));
      const columns = /[a-z_]+(?:, ?[a-z_]+)+/g;
      return /(?:[A-Za-z]{2,}[ ,.]+){3}[A-Za-z]{2,}/.test(text.join("").replaceAll(columns, " ｜ "));
    });
    expect(latin.map(([key]) => key)).toEqual([]);
    expect([...messages.en].filter(([, message]) => /\p{Script=Han}/u.test(message))).toEqual([]);
  });
});

/** Words that pages take by a value alone: `t(key)` where the key comes out of the database or of the server. */
const takenByValue = ["audit.action", "audit.role", "audit.entity"];

/** The literal texts that an expression can be; a `*` stands for a value that is not written there. */
function textsOf(node: ts.Expression): string[] {
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node))
    return textsOf(node.expression);
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken)
    return [...textsOf(node.left), ...textsOf(node.right)];
  if (ts.isTemplateExpression(node))
    return node.templateSpans.reduce(
      (texts, span) =>
        texts.flatMap((text) => textsOf(span.expression).map((part) => `${text}${part}${span.literal.text}`)),
      [node.head.text],
    );
  return ts.isIdentifier(node) ? valuesOf(node) : ["*"];
}

/** The values of a parameter whose type names them, or of one that runs through a list that is written there. */
function valuesOf(name: ts.Identifier): string[] {
  for (let at: ts.Node | undefined = name; at; at = at.parent) {
    if (!ts.isArrowFunction(at) && !ts.isFunctionDeclaration(at)) continue;
    const parameter = at.parameters.find((each) => each.name.getText() === name.text);
    if (!parameter) continue;
    if (parameter.type && ts.isUnionTypeNode(parameter.type)) {
      const named = parameter.type.types.map((type) =>
        ts.isLiteralTypeNode(type) && ts.isStringLiteral(type.literal) ? type.literal.text : "*",
      );
      return named;
    }
    const list =
      ts.isCallExpression(at.parent) && ts.isPropertyAccessExpression(at.parent.expression)
        ? at.parent.expression.expression
        : null;
    const plain = list && bare(list);
    if (plain && ts.isArrayLiteralExpression(plain)) return plain.elements.flatMap(textsOf);
    return ["*"];
  }
  return ["*"];
}

function bare(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) || ts.isAsExpression(node) ? bare(node.expression) : node;
}

/** What a file takes: keys with the namespace of their translator, `*` for one name that is not written there. */
function takenIn(file: ts.SourceFile): { key: string; place: string }[] {
  const nodes = [...nodesOf(file)];
  const translators = nodes.flatMap((node) => {
    if (!ts.isVariableDeclaration(node) || !node.initializer) return [];
    const called = ts.isAwaitExpression(node.initializer) ? node.initializer.expression : node.initializer;
    if (!ts.isCallExpression(called) || !/^(use|get)Translations$/.test(called.expression.getText())) return [];
    const [namespace] = called.arguments;
    return [
      { name: node.name.getText(), scope: functionOf(node), prefix: namespace ? `${textsOf(namespace)[0]}.` : "" },
    ];
  });
  return nodes.flatMap((node) => {
    if (!ts.isCallExpression(node)) return [];
    const [first] = node.arguments;
    if (!first) return [];
    const place = placeOf(node);
    if (node.expression.getText() === "pageTitle") return textsOf(first).map((key) => ({ key, place }));
    if (ts.isCallExpression(node.expression) && node.expression.expression.getText() === "useTranslations") {
      const [namespace] = node.expression.arguments;
      return namespace ? textsOf(first).map((key) => ({ key: `${textsOf(namespace)[0]}.${key}`, place })) : [];
    }
    for (let scope = functionOf(node); scope; scope = functionOf(scope)) {
      const found = translators.find((each) => each.scope === scope && each.name === node.expression.getText());
      if (found) return textsOf(first).map((key) => ({ key: found.prefix + key, place }));
    }
    return [];
  });
}

function functionOf(node: ts.Node): ts.Node | null {
  for (let at = node.parent; at; at = at.parent) if (ts.isFunctionLike(at)) return at;
  return null;
}

const escaped = (text: string) => text.replaceAll(/[.[\]\\^$()+?{}|]/g, "\\$&");
const patternOf = (key: string) => new RegExp(`^${escaped(key).replaceAll("*", "[^.]+")}$`);

describe("the pages", () => {
  const taken = sourcesOf("app").flatMap(takenIn);
  const written = taken.filter(({ key }) => !key.includes("*"));
  // A key handed over whole is named where it comes from: by `pageTitle`, or as a message of the shared words.
  const patterns = [...new Set(taken.filter(({ key }) => key.includes("*") && key !== "*").map(({ key }) => key))];

  test("take only keys that are there", () => {
    expect(written.length).toBeGreaterThan(500);
    expect(written.filter(({ key }) => !messages.en.has(key))).toEqual([]);
    const empty = patterns.filter((key) => ![...messages.en.keys()].some((each) => patternOf(key).test(each)));
    expect(empty).toEqual([]);
  });

  test("use every message of theirs", () => {
    const known = new Set(written.map(({ key }) => key));
    const dynamic = [...patterns, ...takenByValue.map((prefix) => `${prefix}.*`)].map(patternOf);
    const own = leavesOf(pagesEn).map(([key]) => key);
    expect(own.filter((key) => !known.has(key) && !dynamic.some((pattern) => pattern.test(key)))).toEqual([]);
  });

  test("share with the schemas every word about a field", () => {
    const sources = ["core", "server", "app"].flatMap(sourcesOf).map((file) => file.text);
    const keys = leavesOf({ fields: words.en.fields }).map(([key]) => key);
    const taken = sources.flatMap((text) => [...text.matchAll(/"(fields\.\w+)"/g)].map(([, key]) => key));
    expect([...new Set(taken)].sort()).toEqual(keys.sort());
  });

  test("have words for every deed of the audit trail, for whom does it, and for what it is about", () => {
    const { action, entity, role } = pagesEn.audit;
    expect(Object.keys(action).sort()).toEqual(auditActions.map((each) => each.replace(".", "_")).sort());
    expect(Object.keys(entity).sort()).toEqual([...auditEntities].sort());
    // The database writes "unknown" where the claim names no role (`nw.note_deed`).
    expect(Object.keys({ ...role, ...pagesEn.frame.role }).sort()).toEqual([...actorRoles, "unknown"].sort());
  });

  test("know what the database itself writes into the audit trail", () => {
    const folder = new URL("../../db/functions/", import.meta.url);
    const functions = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
    const written = functions.flatMap((text) => [...text.matchAll(/nw\.note_deed\((?:'([a-z_.]+)'|\w+), '(\w+)'/g)]);
    const named = functions.flatMap((text) => [...text.matchAll(/'((?:case|read|access)\.[a-z_]+)'/g)]);
    const actions = [...written, ...named].flatMap(([, action]) => action ?? []);
    expect(actions).toEqual(expect.arrayContaining(["access.refused", "case.shown_again", "read.submitted"]));
    expect(actions.filter((action) => !auditActions.some((known) => known === action))).toEqual([]);
    const entities = written.flatMap(([, , entity]) => entity ?? []);
    expect(entities).toEqual(expect.arrayContaining(["action", "reading_slot"]));
    expect(entities.filter((entity) => !auditEntities.some((known) => known === entity))).toEqual([]);
  });

  test("would be caught taking a key that is not there", () => {
    const file = parseSource(
      "sample.tsx",
      'function Page() { const t = useTranslations("lock"); t("nowhere"); t(`counts.$' + "{key}`); }",
    );
    expect(takenIn(file).map(({ key }) => key)).toEqual(["lock.nowhere", "lock.counts.*"]);
  });
});
