import { initTRPC, TRPCError } from "@trpc/server";
import { headers } from "next/headers";
import { z } from "zod";
import { oneLine } from "@/core/text/characters";
import { type Locale, sayIn } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";
import type { Tx } from "@/db/actor";
import { currentPerson, refuseEnded, refuseForeignPassword } from "@/server/auth";
import { personActor, withActor } from "@/server/door";
import { AppError, type ErrorCode, listed, toAppError } from "@/server/errors";
import { localeOf } from "@/server/locale";
import { logFailure } from "@/server/log";
import type { Action } from "@/server/permissions";
import type { SignedIn } from "@/server/schemas/session";
import { actInStudy } from "@/server/services/study/act-in-study";
import { transformer } from "./transformer";

export interface Context {
  person: SignedIn | null;
  locale: Locale;
}

const trpcCode: Record<ErrorCode, TRPCError["code"]> = {
  not_signed_in: "UNAUTHORIZED",
  not_found: "NOT_FOUND",
  forbidden: "FORBIDDEN",
  invalid: "BAD_REQUEST",
  conflict: "CONFLICT",
  locked: "PRECONDITION_FAILED",
  too_many: "TOO_MANY_REQUESTS",
  unavailable: "SERVICE_UNAVAILABLE",
};

/** An answer for what is known; null is no failure that anybody asked for. */
function answerTo(error: unknown): TRPCError | null {
  const known = toAppError(error);
  return known && new TRPCError({ code: trpcCode[known.code], message: known.message, cause: known });
}

/** Who asks, and in which language. Called once a request by the route handler and by the page guard. */
export const createContext = async (): Promise<Context> => ({
  person: await currentPerson().catch((error: unknown) => {
    throw answerTo(error) ?? error;
  }),
  locale: localeOf(await headers()),
});

/** Letters of what is told of a field: a sentence may quote what was sent. */
const longest = 300;
const cut = (text: string) => (text.length > longest ? `${text.slice(0, longest)}…` : text);

/** What is wrong with an input, by field, as far as it is listed. */
function inputProblems({ issues }: z.ZodError, locale: Locale): string[] {
  const say = sayIn(locale);
  const more = issues.length - listed;
  return [
    ...issues.slice(0, listed).map((issue) => cut(`${issue.path.join(".")}: ${say(saidOf(issue))}`)),
    ...(more > 0 ? [say({ key: "errors.and_more", values: { more } })] : []),
  ];
}

const t = initTRPC.context<Context>().create({
  transformer,
  sse: { ping: { enabled: true, intervalMs: 15_000 } },
  errorFormatter({ shape, error, ctx }) {
    const locale = ctx?.locale ?? "en";
    const known = error.cause instanceof AppError ? error.cause : null;
    const unexpected = error.code === "INTERNAL_SERVER_ERROR";
    return {
      ...shape,
      message:
        error.cause instanceof z.ZodError
          ? sayIn(locale)({ key: "fields.refused" })
          : (known?.in(locale).message ?? (unexpected ? sayIn(locale)({ key: "errors.failed" }) : shape.message)),
      data: {
        code: shape.data.code,
        httpStatus: shape.data.httpStatus,
        app: known?.code ?? null,
        problems:
          known?.in(locale).problems ?? (error.cause instanceof z.ZodError ? inputProblems(error.cause, locale) : []),
      },
    };
  },
});

/** AppError and database errors become answers; anything else stays an internal error and goes to the log without its values. */
const translated = t.middleware(async ({ next, path }) => {
  const result = await next();
  if (result.ok) return result;
  const known = answerTo(result.error.cause);
  if (known) throw known;
  if (result.error.code === "INTERNAL_SERVER_ERROR")
    logFailure(`procedure ${path} failed`, result.error.cause ?? result.error);
  return result;
});

export const router = t.router;
export const createCallerFactory = t.createCallerFactory;
export const publicProcedure = t.procedure.use(translated);

/** A signed-in person and the own account: open also to whoever has to change the password first. */
export const accountProcedure = publicProcedure.use(({ ctx, next }) => {
  const { person } = ctx;
  if (!person) throw new AppError("not_signed_in", { key: "errors.sign_in_first" });
  return next({ ctx: { person, act: <T>(fn: (tx: Tx) => Promise<T>) => withActor(personActor(person.personId), fn) } });
});

/** A signed-in person, outside any study. */
export const personProcedure = accountProcedure.use(({ ctx, next }) => {
  refuseForeignPassword(ctx.person);
  return next();
});

/**
 * A member of the study named by `input.study` (its slug) whose role allows the action. `ctx.actor` is that member and
 * `ctx.act(tx => service(tx, ctx.actor, ...))` runs a service as that role. A stranger gets 404, a member without the right 403.
 */
export function studyProcedure(action: Action) {
  return personProcedure
    .input(z.object({ study: z.string().min(1).max(80).check(oneLine) }))
    .use(async ({ ctx, input, type, next }) => {
      const member = () => actInStudy({ personId: ctx.person.personId, slug: input.study, action, locale: ctx.locale });
      const { study, memberships, actor } = await member();
      const act = async <T>(fn: (tx: Tx) => Promise<T>): Promise<T> => {
        if (type !== "subscription") return withActor(actor, fn);
        // A stream goes on for minutes: each step is that of whoever is still signed in, and still a member.
        await refuseEnded(ctx.person);
        return withActor((await member()).actor, fn);
      };
      return next({ ctx: { study, memberships, actor, act } });
    });
}
