import { DatabaseError } from "@/db/actor";

/** Codes on which pages switch. */
export type ErrorCode =
  | "not_signed_in"
  | "not_found"
  | "forbidden"
  | "invalid"
  | "conflict"
  | "locked"
  | "too_many"
  | "unavailable";

/** The one error below the API: a code for the program, a sentence for the person (what happened, what was kept, what to do). */
export class AppError extends Error {
  override name = "AppError";
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly problems: readonly string[] = [],
  ) {
    super(message);
  }
}

const ofSqlState: Record<string, ErrorCode> = {
  NW001: "locked",
  NW002: "conflict",
  NW003: "forbidden",
  NW004: "conflict",
  NW005: "forbidden",
  NW006: "conflict",
  NW007: "forbidden",
  "23505": "conflict",
  "23514": "invalid",
  "22P02": "invalid",
  "42501": "forbidden",
};

/** What the person may know of a database error: our own messages as they are, Postgres's never. */
export function fromDatabase(error: DatabaseError): AppError {
  const code = ofSqlState[error.code] ?? "unavailable";
  if (code === "unavailable") console.error(`database error ${error.code}`);
  if (error.code.startsWith("NW")) return new AppError(code, error.message);
  const messages: Partial<Record<ErrorCode, string>> = {
    conflict: "This is there already. Nothing was saved; reload the page to see it.",
    invalid: "A value lies outside what the database accepts. Nothing was saved; correct it and try again.",
    forbidden: "Your role may not do this. Nothing was saved.",
  };
  return new AppError(
    code,
    messages[code] ??
      "The database did not answer as expected. Nothing was saved; try again, and tell the administrator if it stays.",
  );
}

/** Any error as an AppError, or null when it is not one that a person can act on. */
export function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof DatabaseError) return fromDatabase(error);
  return null;
}
