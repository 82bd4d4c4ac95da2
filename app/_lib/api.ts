import "server-only";
import { TRPCError } from "@trpc/server";
import { forbidden, notFound, redirect } from "next/navigation";
import { cache } from "react";
import { ZodError } from "zod";
import { createCaller } from "@/server/api/root";
import { createContext } from "@/server/api/trpc";

/** The API as the signed-in person, for pages. One session check a request. */
export const api = cache(async () => createCaller(await createContext()));

/**
 * A call about what an address names: its answer, or the words in which the server refused it (no such run, a run that is not done), for a notice.
 * What the person may not look at at all stays an error, for `load`.
 */
export async function orRefusal<T>(
  call: Promise<T>,
): Promise<{ answer: T; refusal: null } | { answer: null; refusal: string }> {
  try {
    return { answer: await call, refusal: null };
  } catch (error) {
    if (error instanceof TRPCError && ["NOT_FOUND", "CONFLICT", "BAD_REQUEST"].includes(error.code))
      return { answer: null, refusal: error.message };
    throw error;
  }
}

/**
 * The page guard: loads what a page shows, and turns a refusal into the right page (sign-in, 404, 403).
 * Every restricted `page.tsx` loads through it; a layout is no guard.
 */
export async function load<T>(fn: (caller: Awaited<ReturnType<typeof api>>) => Promise<T>): Promise<T> {
  try {
    return await fn(await api());
  } catch (error) {
    if (!(error instanceof TRPCError)) throw error;
    if (error.code === "UNAUTHORIZED") redirect("/login");
    // An address that no link has, with what cannot be a name or an id.
    if (error.code === "NOT_FOUND" || error.cause instanceof ZodError) notFound();
    if (error.code === "FORBIDDEN") forbidden();
    throw error;
  }
}
