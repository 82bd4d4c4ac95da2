import ts from "typescript";
import { expect, test } from "vitest";
import { nodesOf, parse, placeOf, sourcesOf } from "./source";

/** Attributes of elements and parts that no person reads. */
const structural = new Set([
  "method",
  "accept",
  "align",
  "aria-haspopup",
  "aria-hidden",
  "aria-keyshortcuts",
  "aria-live",
  "as",
  "autoComplete",
  "className",
  "colorInterpolationFilters",
  "colour",
  "contentClassName",
  "data-testid",
  "data-theme",
  "dataKey",
  "direction",
  "fill",
  "form",
  "href",
  "htmlFor",
  "id",
  "inputMode",
  "kind",
  "lang",
  "loading",
  "measure",
  "method",
  "name",
  "overlayClassName",
  "pattern",
  "position",
  "preserveAspectRatio",
  "role",
  "scope",
  "shape",
  "src",
  "stackId",
  "stackOffset",
  "step",
  "stroke",
  "strokeDasharray",
  "strokeLinejoin",
  "style",
  "textAnchor",
  "tone",
  "type",
  "x",
]);

/** Properties that are shown wherever they are handed on. */
const shownProperties = new Set(["caption", "header", "hint", "label", "legend", "message", "summary", "title"]);

/** What is the same in every language, with the reason. */
const alike = new Map([
  ["Nodewise", "the name of the product"],
  ["%s · Nodewise", "the name of the product beside a translated title"],
  ["Ctrl K", "what is printed on keys"],
  ["SVG", "the name of a file format"],
  ["(n =", "the symbol of a count"],
  ["n =", "the symbol of a count"],
  ["npm run engine -- install", "a command to type"],
  ["English", "a language named in itself"],
  ["中文", "a language named in itself"],
]);

const hasLetters = (text: string) => /\p{L}/u.test(text) && !alike.has(text.replaceAll(/\s+/g, " ").trim());
const isClassList = (text: string) =>
  text.split(" ").every((word) => /^[a-z0-9:[\]/.()%*&>_-]+$/.test(word)) && /[a-z]-[a-z0-9]/.test(text);
/** Two words of letters in a row, which a class name, a path or a key never has outside `className` and `cn()`. */
const isSentence = (text: string) =>
  !isClassList(text) && /\p{L}{2,}[,.:;!?]? \p{L}{2,}/u.test(text) && hasLetters(text);

const literalOf = (node: ts.Node): string | null => {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return [node.head, ...node.templateSpans.map((span) => span.literal)].map((part) => part.text).join("…");
  return null;
};

const callsOfProgram = new Set(["cn", "cva", "mark", "closest", "querySelector", "matchMedia"]);

/** Whether what this stands in is for the program: imports, directives, types, class names and selectors. */
function isForTheProgram(node: ts.Node): boolean {
  for (let at: ts.Node | undefined = node; at; at = at.parent) {
    if (ts.isImportDeclaration(at) || ts.isTypeNode(at)) return true;
    if (ts.isJsxAttribute(at) && structural.has(at.name.getText())) return true;
    if (ts.isCallExpression(at) && callsOfProgram.has(at.expression.getText().split(".").at(-1) ?? "")) return true;
    // What the browser throws is caught, and said in words of a message.
    if (ts.isNewExpression(at) && at.expression.getText() === "Error") return true;
    if (ts.isExpressionStatement(at) && ts.isStringLiteral(at.expression)) return true;
    if (ts.isPropertyAssignment(at) && ["className", "stroke", "fill"].includes(at.name.getText())) return true;
    if (ts.isStatement(at) && !ts.isBlock(at)) return false;
  }
  return false;
}

/** Strings that a person would meet in one language only. */
function found(file: ts.SourceFile): string[] {
  return [...nodesOf(file)].flatMap((node) => {
    if (ts.isJsxText(node)) return hasLetters(node.text) ? [`${placeOf(node)} ${node.text.trim()}`] : [];
    const text = literalOf(node);
    if (text === null || !hasLetters(text)) return [];
    const parent = node.parent;
    const shown =
      (ts.isJsxAttribute(parent) && !structural.has(parent.name.getText())) ||
      (ts.isJsxExpression(parent) && ts.isJsxElement(parent.parent)) ||
      (ts.isPropertyAssignment(parent) && shownProperties.has(parent.name.getText()));
    return shown || (isSentence(text) && !isForTheProgram(node)) ? [`${placeOf(node)} ${text}`] : [];
  });
}

/** A route handler answers with files and errors, and an error takes only the key of its words; the script of the theme is no text. */
const isLeftOut = ({ fileName }: ts.SourceFile) => /\/route\.ts$|\/theme\.ts$/.test(fileName);

test("no page and no part of one holds a string that a person meets: words stand in messages", () => {
  const files = sourcesOf("app").filter((file) => !isLeftOut(file));
  expect(files.length).toBeGreaterThan(100);
  expect(files.flatMap(found)).toEqual([]);
});

test.each([
  ["text of an element", "<p>Saved</p>"],
  ["text in braces", '<p>{"Saved"}</p>'],
  ["an accessible name", '<button aria-label="Close" />'],
  ["a placeholder", '<input placeholder="Name" />'],
  ["a label handed on", 'const options = [{ value: "a", label: "Alpha" }];'],
  ["a sentence in a variable", 'const answer = done ? "All is done." : other;'],
  ["a sentence round a value", "toast.error(`Not saved: $" + "{reason}. Try again.`);"],
  ["a title of a page", 'export const metadata = { title: "Studies" };'],
])("%s would be found", (_, text) => {
  expect(found(parse("sample.tsx", text))).toHaveLength(1);
});

test("class names, keys of messages and addresses are not taken for words", () => {
  const text =
    '<p className="grid gap-4" id="main">{t("study.title")}<a href="/api/studies">{cn("font-medium text-sm")}</a></p>';
  expect(found(parse("sample.tsx", text))).toEqual([]);
});
