import { TRPCError } from "@trpc/server";
import { AppError } from "@/server/errors";

/** Whether a call of the API answers with the images of a case. */
export const isOfCase = (path: string): boolean => /^reading\.(open|openPrevious|submit|correct)$/.test(path);

/** A page asks for one case at a time: of twenty in one request the time would tell twenty times as well what each of them takes. @throws TRPCError */
export function refuseManyCases(paths: readonly string[]): void {
  if (paths.filter(isOfCase).length <= 1) return;
  const cause = new AppError("invalid", { key: "errors.one_case_a_request" });
  throw new TRPCError({ code: "BAD_REQUEST", message: cause.message, cause });
}
