import { parse, YAMLParseError } from "yaml";
import { AppError } from "@/server/errors";
import { newProtocol, type Protocol } from "@/server/schemas/protocol";
import { sha256 } from "@/server/sha256";

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
export function parseProtocol(source: string): { document: Protocol; sha256: string } {
  let raw: unknown;
  try {
    raw = parse(source);
  } catch (error) {
    const where = error instanceof YAMLParseError && error.linePos ? ` at line ${error.linePos[0].line}` : "";
    throw new AppError(
      "invalid",
      `The protocol is not valid YAML${where}. Nothing was saved; correct it and try again.`,
      error instanceof Error ? [error.message] : [],
    );
  }
  const result = newProtocol.safeParse(raw);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => `${issue.path.join(".") || "protocol"}: ${issue.message}`);
    throw new AppError(
      "invalid",
      `The protocol has ${problems.length} problem${problems.length === 1 ? "" : "s"}. Nothing was saved; correct it and try again.`,
      problems,
    );
  }
  return { document: result.data, sha256: sha256(canonicalJson(result.data)) };
}
