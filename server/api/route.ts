import { headers } from "next/headers";
import { sayIn } from "@/core/words";
import { currentPerson, refuseForeignPassword } from "@/server/auth";
import { AppError, type ErrorCode, toAppError } from "@/server/errors";
import { localeOf } from "@/server/locale";
import { logFailure } from "@/server/log";
import type { Action } from "@/server/permissions";
import { actInStudy } from "@/server/services/study/act-in-study";

const status: Record<ErrorCode, number> = {
  not_signed_in: 401,
  not_found: 404,
  forbidden: 403,
  invalid: 400,
  conflict: 409,
  locked: 409,
  too_many: 429,
  unavailable: 503,
};

/**
 * A route handler for what is no JSON (files): resolves the signed-in member of the study as `studyProcedure` does, and turns errors into answers
 * `{message, problems}` in the language of the request.
 */
export async function inStudy(
  { slug, action }: { slug: string; action: Action },
  fn: (member: Awaited<ReturnType<typeof actInStudy>>) => Promise<Response>,
): Promise<Response> {
  const locale = localeOf(await headers());
  try {
    const person = await currentPerson();
    if (!person) throw new AppError("not_signed_in", { key: "errors.sign_in_first" });
    refuseForeignPassword(person);
    return await fn(await actInStudy({ personId: person.personId, slug, action, locale }));
  } catch (error) {
    const known = toAppError(error);
    if (!known) logFailure("route failed", error);
    return Response.json(known?.in(locale) ?? { message: sayIn(locale)({ key: "errors.failed_file" }), problems: [] }, {
      status: known ? status[known.code] : 500,
    });
  }
}
