import { parse, YAMLParseError } from "yaml";
import type { Said } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";
import { asWritten } from "@/core/words/said";
import { AppError } from "@/server/errors";
import { newProtocol, type Protocol } from "@/server/schemas/protocol";
import { sha256 } from "@/server/storage";

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
    const line = error instanceof YAMLParseError ? error.linePos?.[0].line : undefined;
    throw new AppError(
      "invalid",
      line === undefined
        ? { key: "errors.protocol_not_yaml" }
        : { key: "errors.protocol_not_yaml_at", values: { line } },
      error instanceof Error ? [asWritten(error.message)] : [],
    );
  }
  const result = newProtocol.safeParse(raw);
  if (!result.success) {
    const problems = result.error.issues.map(
      (issue): Said => ({
        key: "errors.at",
        values: { place: issue.path.join(".") || "protocol", problem: saidOf(issue) },
      }),
    );
    throw new AppError("invalid", { key: "errors.protocol_refused", values: { problems: problems.length } }, problems);
  }
  return { document: result.data, sha256: sha256(canonicalJson(result.data)) };
}
