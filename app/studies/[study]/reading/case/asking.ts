import { isOfLine, problemOf } from "@/app/_lib/trpc";

/** Whether the case on the page is no longer what would be shown: it is loaded anew, and what was ticked stays. */
export const isOutdated = (error: unknown) => problemOf(error).code === "conflict";
export const isSignedOut = (error: unknown) => problemOf(error).code === "not_signed_in";
/** Whether the server knows what was asked, and does not do it. */
export const isRefused = (error: unknown) =>
  !isOfLine(error) && !isSignedOut(error) && ![null, "unavailable"].includes(problemOf(error).code);
/** As long as the server is not reached it is asked again; what it cannot do at the moment, or fails at, some times more. */
const retry = (failures: number, error: unknown) =>
  isOfLine(error) || (!isRefused(error) && !isSignedOut(error) && failures < (problemOf(error).code === null ? 2 : 8));
const retryDelay = (failures: number) => Math.min(5_000, 250 * 2 ** failures);
/** For what answers with images: no answer stays in memory once the next one is there. */
export const patient = { retry, retryDelay, gcTime: 0 };
