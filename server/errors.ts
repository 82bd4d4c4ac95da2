import { z } from "zod";
import { isWordKey, type Locale, type Said, sayIn } from "@/core/words";
import { asWritten, SaidError } from "@/core/words/said";
import { DatabaseError } from "@/db/actor";
import { logFailure } from "./log";

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

/** Most problems that are listed at once. */
export const listed = 20;

/** The first problems, and how many more there are. */
export const firstOf = (problems: readonly Said[]): readonly Said[] =>
  problems.length > listed
    ? [...problems.slice(0, listed), { key: "errors.and_more", values: { more: problems.length - listed } }]
    : problems;

/** The one error below the API: a code for the program, and what is said to the person (what happened, what was kept, what to do). */
export class AppError extends SaidError {
  override name = "AppError";
  /** Each problem in English, as `message` is. */
  readonly problems: readonly string[];
  constructor(
    readonly code: ErrorCode,
    said: Said,
    readonly saidProblems: readonly Said[] = [],
  ) {
    super(said);
    this.problems = this.in("en").problems;
  }

  /** The sentence and the list of problems in a language. */
  in(locale: Locale): { message: string; problems: string[] } {
    const say = sayIn(locale);
    return { message: say(this.said), problems: this.saidProblems.map(say) };
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
  NW008: "invalid",
  "23505": "conflict",
  "23514": "invalid",
  "22P02": "invalid",
  "42501": "forbidden",
};

const ofCode: Partial<Record<ErrorCode, Said>> = {
  conflict: { key: "errors.there_already" },
  invalid: { key: "errors.outside_the_database" },
  forbidden: { key: "errors.not_your_role" },
};

const values = z.record(z.string(), z.union([z.string(), z.number()]));

/** What one of our own refusals says: SQL names the message as the constraint, and its values as JSON in the detail. */
function ofOurs({ message, constraint, values: given }: DatabaseError): Said {
  const key = `errors.database.${constraint}`;
  if (!isWordKey(key)) return asWritten(message);
  return { key, values: values.parse(given) };
}

/** What the person may know of a database error: our own refusals, Postgres's never. */
export function fromDatabase(error: DatabaseError): AppError {
  const code = ofSqlState[error.code] ?? "unavailable";
  if (code === "unavailable") logFailure("database error", error.code);
  if (error.code.startsWith("NW")) return new AppError(code, ofOurs(error));
  return new AppError(code, ofCode[code] ?? { key: "errors.unavailable" });
}

/** Any error as an AppError, or null when it is not one that a person can act on. */
export function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  if (error instanceof DatabaseError) return fromDatabase(error);
  return null;
}
