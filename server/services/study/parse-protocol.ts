import { isScalar, LineCounter, parseDocument, visit } from "yaml";
import { longestProtocol, type ProtocolDocument } from "@/core/protocol/protocol";
import { readNewProtocol } from "@/core/protocol/read-protocol";
import { AppError } from "@/server/errors";
import { sha256 } from "@/server/sha256";

/** Most problems that are listed at once. */
const listed = 20;

/** JSON with sorted keys: the same document gives the same text, however it was written. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner && typeof inner === "object" && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/**
 * Reads a protocol from YAML.
 * @returns the document and the SHA-256 of its canonical JSON, so that spacing and comments do not make another version
 * @throws AppError "invalid" that lists every problem by its place in the file
 */
export function parseProtocol(source: string): { document: ProtocolDocument; sha256: string } {
  if (source.length > longestProtocol)
    throw new AppError(
      "invalid",
      `The protocol has ${source.length} characters. Nothing was saved; write it in at most ${longestProtocol}.`,
    );
  const { document, problems } = readNewProtocol(parseYaml(source));
  if (problems)
    throw new AppError(
      "invalid",
      `The protocol has ${problems.length} problem${problems.length === 1 ? "" : "s"}. Nothing was saved; correct it and try again.`,
      firstOf(problems),
    );
  return { document, sha256: sha256(canonicalJson(document)) };
}

/** @throws AppError "invalid" with the lines of what is not YAML */
function parseYaml(source: string): unknown {
  const lines = new LineCounter();
  const parsed = parseDocument(source, { uniqueKeys: false, lineCounter: lines });
  const problems = parsed.errors.map(({ message }) => message);
  // The library compares each key of an entry with every other one, which takes seconds where there are many: here each is looked up.
  visit(parsed, {
    Map(_, { items }) {
      const keys = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const line = lines.linePos(key.range?.[0] ?? 0).line;
        if (keys.has(key.value)) problems.push(`line ${line}: "${key.value}" stands twice in one entry; remove one`);
        keys.add(key.value);
      }
    },
  });
  if (problems.length > 0) throw notYaml(problems);
  try {
    return parsed.toJS();
  } catch (error) {
    throw notYaml([error instanceof Error ? error.message : String(error)]);
  }
}

const notYaml = (problems: readonly string[]) =>
  new AppError(
    "invalid",
    "The protocol is not valid YAML. Nothing was saved; correct it and try again.",
    firstOf(problems),
  );

const firstOf = (problems: readonly string[]) =>
  problems.length > listed ? [...problems.slice(0, listed), `and ${problems.length - listed} more`] : problems;
