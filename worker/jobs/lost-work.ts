import { eq, sql } from "drizzle-orm";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { DatabaseError } from "@/db/actor";

/** Another worker has taken the work up, because this one was silent for too long, or this worker is stopping. */
export class LostWorkError extends Error {}

/** No fault of the work: the queue brings its job again, and a job that counts no more ends there. */
export const isInterruption = (error: unknown): error is Error =>
  error instanceof LostWorkError || (error instanceof DatabaseError && error.isOfConnection);

/** The record whose job this is: not one that was taken from a silent worker, whose old job came back late. */
export const isOfJob = ({ id, jobId }: { id: AnyPgColumn; jobId: AnyPgColumn }, job: string) =>
  eq(sql`coalesce(${jobId}, ${id})`, job);
