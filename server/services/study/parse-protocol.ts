import { isScalar, LineCounter, parseDocument, visit } from "yaml";
import { longestProtocol, type ProtocolDocument } from "@/core/protocol/protocol";
import { readNewProtocol } from "@/core/protocol/read-protocol";
import type { Said } from "@/core/words";
import { asWritten } from "@/core/words/said";
import { AppError } from "@/server/errors";
import { sha256 } from "@/server/sha256";
import { canonicalJson } from "./canonical-json";

/** Most problems that are listed at once. */
const listed = 20;

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
  const { document, problems } = readNewProtocol(parseYaml(source));
  if (problems)
    throw new AppError(
      "invalid",
      { key: "errors.protocol_refused", values: { problems: problems.length } },
      firstOf(problems.map(asWritten)),
    );
  return { document, sha256: sha256(canonicalJson(document)) };
}

/** @throws AppError "invalid" with the lines of what is not YAML */
function parseYaml(source: string): unknown {
  const lines = new LineCounter();
  const parsed = parseDocument(source, { uniqueKeys: false, lineCounter: lines });
  const problems = parsed.errors.map(({ message }) => asWritten(message));
  // The library compares each key of an entry with every other one, which takes seconds where there are many: here each is looked up.
  visit(parsed, {
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const line = lines.linePos(key.range?.[0] ?? 0).line;
        if (keys.has(key.value))
          problems.push({ key: "errors.protocol_key_twice", values: { line, name: String(key.value) } });
        keys.add(key.value);
      }
    },
  });
  if (problems.length > 0) throw notYaml(problems);
  try {
    return parsed.toJS();
  } catch (error) {
    throw notYaml([asWritten(error instanceof Error ? error.message : String(error))]);
  }
}

const notYaml = (problems: readonly Said[]) =>
  new AppError("invalid", { key: "errors.protocol_not_yaml" }, firstOf(problems));

const firstOf = (problems: readonly Said[]): readonly Said[] =>
  problems.length > listed
    ? [...problems.slice(0, listed), { key: "errors.and_more", values: { more: problems.length - listed } }]
    : problems;
