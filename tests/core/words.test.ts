import { readdirSync, readFileSync } from "node:fs";
import { type MessageFormatElement, parse, TYPE } from "@formatjs/icu-messageformat-parser";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { isWordKey, locales, sayIn, type WordKey, words } from "@/core/words";
import { asWritten, fromStored, inEnglish, SaidError, toStored } from "@/core/words/said";
import { DatabaseError } from "@/db/actor";
import { AppError, fromDatabase } from "@/server/errors";

/** Every message of a language by its name. */
function leaves(words: object, path = ""): [string, string][] {
  return Object.entries(words).flatMap(([name, inner]: [string, unknown]) =>
    typeof inner === "object" && inner !== null
      ? leaves(inner, `${path}${name}.`)
      : [[`${path}${name}`, String(inner)] as [string, string]],
  );
}

/** The names of what a message takes. */
function argumentsOf(elements: readonly MessageFormatElement[]): string[] {
  const names = elements.flatMap((each): string[] => {
    if (each.type === TYPE.literal || each.type === TYPE.pound) return [];
    if (each.type === TYPE.tag) return argumentsOf(each.children);
    const inner =
      each.type === TYPE.select || each.type === TYPE.plural
        ? Object.values(each.options).flatMap(({ value }) => argumentsOf(value))
        : [];
    return [each.value, ...inner];
  });
  return [...new Set(names)].sort();
}

const english = leaves(words.en);
const chinese = new Map(leaves(words.zh));
const filesIn = (room: string): string[] =>
  readdirSync(room, { recursive: true }).map((file) => `${room}/${String(file).replaceAll("\\", "/")}`);
const sources = ["app", "core", "db", "scripts/cli", "server", "worker"]
  .flatMap(filesIn)
  .filter((file) => /\.tsx?$/.test(file));

describe("the words that pages, model card and command line share", () => {
  test.each(english)("%s is there in Chinese and takes the same", (name, message) => {
    const other = chinese.get(name) ?? "";
    expect(other).not.toBe("");
    expect(argumentsOf(parse(other))).toEqual(argumentsOf(parse(message)));
  });

  test("has no message in Chinese that English lacks", () => {
    expect([...chinese.keys()].filter((name) => !isWordKey(name))).toEqual([]);
  });

  test("are said in both languages", () => {
    const [en, zh] = locales.map(sayIn);
    expect(en?.({ key: "errors.row", values: { row: 3, reason: { key: "errors.no_rows" } } })).toMatch(
      /^row 3: The file/,
    );
    expect(zh?.({ key: "errors.row", values: { row: 3, reason: { key: "errors.no_rows" } } })).toMatch(
      /^第 3 行：该文件/,
    );
  });

  test("are stored in a column of text and come back; what was stored as a sentence stays one", () => {
    const said = { key: "worker.log.failed", values: { reason: { key: "worker.model_cut" } } } as const;
    expect(fromStored(toStored(said))).toEqual(said);
    expect(fromStored("Lower the learning rate.")).toEqual(asWritten("Lower the learning rate."));
    expect(toStored(asWritten("Lower the learning rate."))).toBe("Lower the learning rate.");
    expect(inEnglish({ at: [said], n: 2 })).toEqual({ at: ["Failed: The stored model is cut off."], n: 2 });
  });
});

describe("an error", () => {
  test("has an English message and is said in a language", () => {
    const error = new AppError("invalid", { key: "errors.no_rows" }, [{ key: "errors.sign_in_first" }]);
    expect(error).toBeInstanceOf(SaidError);
    expect(error.message).toBe("The file has a header and no rows. Nothing was imported.");
    expect(error.in("zh")).toEqual({
      message: "该文件只有表头，没有数据行。未导入任何内容。",
      problems: ["请先登录。"],
    });
  });

  test("of the database is said by the name and the values that SQL gives it, else as SQL wrote it", () => {
    const refusal = new DatabaseError("NW002", "Rows of x are never changed.", "rows_are_kept", { table: "read" });
    expect(fromDatabase(refusal).in("zh").message).toMatch(/^read 中的记录/);
    expect(fromDatabase(new DatabaseError("NW009", "Not today.", undefined)).message).toBe("Not today.");
    expect(fromDatabase(new DatabaseError("23505", "somebody's data", "person_email")).message).not.toMatch(/somebody/);
  });
});

/** Places where a sentence stands in the code: `new AppError(.., "..")` anywhere, `new Error("..")` of more than one word in services. */
function sentencesIn(file: string): string[] {
  const text = readFileSync(file, "utf8");
  if (!/new (App)?Error\(/.test(text)) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const isText = (node: ts.Node): boolean =>
    ts.isConditionalExpression(node)
      ? isText(node.whenTrue) || isText(node.whenFalse)
      : (ts.isStringLiteralLike(node) && /\s/.test(node.text)) || ts.isTemplateExpression(node);
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node)) {
      const name = node.expression.getText();
      const checked =
        name === "AppError"
          ? node.arguments?.slice(1)
          : name === "Error" && file.startsWith("server/services")
            ? node.arguments
            : [];
      if (checked?.some(isText)) found.push(`${file}: ${node.getText().slice(0, 80)}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test("no sentence stands in an error of the services", () => {
  expect(sources.flatMap(sentencesIn)).toEqual([]);
});

test("every message is used", () => {
  const code = sources.map((file) => readFileSync(file, "utf8")).join("\n");
  // Names that are put together from parts: what stands before the part, and where it is done.
  const composed: Record<string, string> = {
    "checklists.": "checklists.${",
    "bundle.column.group_": "bundle.column.group_${",
    "dicom.refused.": "dicom.refused.${",
    // A page says them through its translator, like its own.
    "design.": 'useTranslations("design',
    "dicom.held.": "dicom.held.${",
    "errors.database.": "errors.database.${",
    "errors.missing.": "errors.missing.${",
    "protocol.yaml.": "protocol.yaml.${",
    "model.caution.by_": "model.caution.${",
    "model.split.": "split.${",
    "model.sizes.": "sizes.${",
    "model.weights.": "weights.${",
    "model.scaling.": "scaling.${",
    "model.engine.": "engine.${",
    "dicom.web.": "dicom.web.${",
    "model.schedule.": "schedule.${",
    "model.card.kind.": "card.kind.${",
    "paper.figure.": "paper.figure.${",
    "paper.numbers_": "paper.numbers_${",
    "paper.verdict.": "paper.verdict.${",
    "report.checklists.": "checklists.${",
    "report.flow.": "flow.${",
    "report.heading.": "heading.${",
    "report.measure.": "measure.${",
    "report.named.": "named.${",
    "report.place.": "place.${",
    "report.results.verdict.": "results.verdict.${",
    "report.table1.": "table1.${",
    "report.table2.": "table2.${",
    "cli.import.decoding": "import.${",
    "cli.import.storing": "import.${",
  };
  const isUsed = (key: WordKey): boolean => {
    const [room = "", ...rest] = key.split(".");
    const short = rest.join(".").replace(/^method\./, "");
    const part = Object.keys(composed).find((prefix) => key.startsWith(prefix));
    if (part && code.includes(composed[part] ?? "")) return true;
    return (
      code.includes(`"${key}"`) || (["cli", "model", "report", "stats"].includes(room) && code.includes(`"${short}"`))
    );
  };
  expect(english.map(([name]) => name).filter((name) => isWordKey(name) && !isUsed(name))).toEqual([]);
});

test("every refusal that SQL names has its words", () => {
  const sql = filesIn("db")
    .filter((file) => file.endsWith(".sql"))
    .map((file) => readFileSync(file, "utf8"));
  const named = sql.flatMap((text) =>
    [...text.matchAll(/ERRCODE = 'NW\d+', CONSTRAINT = '(\w+)'/g)].map(([, name]) => name),
  );
  expect(named.filter((name) => !isWordKey(`errors.database.${name}`))).toEqual([]);
});
