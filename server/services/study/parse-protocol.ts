import { isAlias, isNode, isScalar, Lexer, LineCounter, parseDocument, visit } from "yaml";
import { longestProtocol, type ProtocolDocument } from "@/core/protocol/protocol";
import { readNewProtocol } from "@/core/protocol/read-protocol";
import { strangeCharacter } from "@/core/text/characters";
import { isWordKey, type Said } from "@/core/words";
import { AppError, firstOf } from "@/server/errors";
import { sha256 } from "@/server/sha256";
import { canonicalJson } from "./canonical-json";

/** Words and signs of the longest protocol that is read; the founding study's has 2,100. 20,000 keys of one letter have more. */
const mostLexemes = 10_000;

/**
 * Reads a protocol from YAML.
 * @returns the document and the SHA-256 of its canonical JSON, so that spacing and comments do not make another version
 * @throws AppError "invalid" that lists every problem by its place in the file
 */
export function parseProtocol(source: string): { document: ProtocolDocument; sha256: string } {
  if (source.length > longestProtocol)
    throw new AppError("invalid", {
      key: "errors.protocol_long",
      values: { characters: source.length, limit: longestProtocol },
    });
  const strange = strangeCharacter(source, { lines: true });
  if (strange) throw refusal([{ key: "fields.character", values: strange }]);
  const { document, problems } = readNewProtocol(parseYaml(source));
  if (problems) throw refusal(problems);
  return { document, sha256: sha256(canonicalJson(document)) };
}

const refusal = (problems: readonly Said[]) =>
  new AppError("invalid", { key: "errors.protocol_refused", values: { problems: problems.length } }, firstOf(problems));

/** @throws AppError "invalid" with line and column of what is not YAML, or is none that a protocol needs */
function parseYaml(source: string): unknown {
  const lines = new LineCounter();
  const problems: Said[] = [];
  const refuse = (offset: number, problem: Said) => {
    const { line, col } = lines.linePos(offset);
    problems.push({ key: "protocol.yaml.at", values: { line, column: Math.max(col, 1), problem } });
  };
  // Before anything is built of it: the library takes minutes for a thousand nested question marks.
  refuseEndless(source);
  const parsed = parseDocument(source, { uniqueKeys: false, lineCounter: lines });
  for (const { code, pos } of parsed.errors) refuse(pos[0], ofCode(code));
  visit(parsed, {
    // An alias can stand for itself, or for a thousand others.
    Alias: (_, { range, source }) => refuse(range?.[0] ?? 0, { key: "protocol.yaml.alias", values: { name: source } }),
    Map(_, { items }) {
      // The library compares each key of an entry with every other one, which takes seconds where there are many: here each is looked up.
      const keys = new Set<unknown>();
      for (const { key } of items) {
        if (isAlias(key)) continue;
        if (!isScalar(key)) {
          refuse((isNode(key) && key.range?.[0]) || 0, { key: "protocol.yaml.key" });
          continue;
        }
        if (keys.has(key.value))
          refuse(key.range?.[0] ?? 0, { key: "protocol.yaml.DUPLICATE_KEY", values: { name: String(key.value) } });
        keys.add(key.value);
      }
    },
  });
  if (problems.length > 0) throw notYaml(problems);
  return parsed.toJS();
}

/** @throws AppError "invalid" where there are more words and signs than a protocol has, or a question mark that begins a key */
function refuseEndless(source: string): void {
  let read = 0;
  let offset = 0;
  for (const lexeme of new Lexer().lex(source)) {
    read += 1;
    if (read > mostLexemes)
      throw new AppError("invalid", { key: "errors.protocol_many", values: { limit: mostLexemes } });
    if (lexeme === "?") {
      const before = source.slice(0, offset).split("\n");
      const problem: Said = { key: "protocol.yaml.question_mark" };
      const place = { line: before.length, column: (before.at(-1) ?? "").length + 1 };
      throw notYaml([{ key: "protocol.yaml.at", values: { ...place, problem } }]);
    }
    if (!isMark(lexeme)) offset += lexeme.length;
  }
}

/** What the lexer says itself (the beginning of the document, of a plain text) and the source does not have. */
const isMark = (lexeme: string) => lexeme === "\u0002" || lexeme === "\u0018" || lexeme === "\u001f";

function ofCode(code: string): Said {
  const key = `protocol.yaml.${code}`;
  return { key: isWordKey(key) ? key : "protocol.yaml.other" };
}

const notYaml = (problems: readonly Said[]) =>
  new AppError("invalid", { key: "errors.protocol_not_yaml" }, firstOf(problems));
