import { NextRequest } from "next/server";
import { type Said, sayIn } from "@/core/words";
import { env } from "@/server/env";
import { localeOf } from "@/server/locale";
import { logFailure } from "@/server/log";

/** Bytes that are taken of what signs in. */
export const signInBytes = 10_000;
/** Bytes that are taken of JSON. */
export const jsonBytes = 1_000_000;

/** Neither a shared cache nor the browser's keeps it. */
export const noStore = "private, no-store";

/** Who asks, as `Sec-Fetch-Site` has it (Fetch Metadata Request Headers, 2.4): these pages, or the person by a bookmark, by typing or from a program. */
const ownSites: ReadonlySet<string> = new Set(["same-origin", "none"]);

const changes = (request: Request) => !["GET", "HEAD", "OPTIONS"].includes(request.method);

/**
 * The pages under which people reach this server: those of `NEXTAUTH_URL`, scheme and all, or another name of this server that the browser asked, which
 * does not know its own scheme there.
 */
function isOwnOrigin(request: Request): boolean {
  const origin = request.headers.get("origin");
  if (!origin || !URL.canParse(origin)) return false;
  const { NEXTAUTH_URL } = env();
  const pages = NEXTAUTH_URL ? new URL(NEXTAUTH_URL) : null;
  const host = request.headers.get("host");
  return origin === pages?.origin || (host !== pages?.host && new URL(origin).host === host);
}

/** Whether a page of another site asks, as far as the browser says so: a picture, a link or a script there would look at something in the name of whoever visits. */
function isFromElsewhere(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return !ownSites.has(site);
  return request.headers.has("origin") && !isOwnOrigin(request);
}

/**
 * The body, which ends with an error where it grows beyond the limit, whatever its length was said to be.
 * @param onEnd is told before the error that there is more, or that its sender went away
 */
function counted(
  body: ReadableStream<Uint8Array>,
  limit: number,
  onEnd: (why: "larger" | "cut off") => void,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let bytes = 0;
  return new ReadableStream(
    {
      async pull(out) {
        const next = await reader.read().catch((error: unknown) => {
          onEnd("cut off");
          throw error;
        });
        if (next.done) return out.close();
        bytes += next.value.length;
        if (bytes <= limit) return out.enqueue(next.value);
        onEnd("larger");
        out.error(new Error(`The body is larger than ${limit} bytes.`));
        await reader.cancel();
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

interface Limits {
  /** Most bytes of a body. */
  largest: number;
  /** What is said of a larger one; left out: that it is too large. */
  tooLarge?: Said;
}

/**
 * Stands before every route handler (`app/api`, where a test looks for it). Before anything is read, what changes something must come from the
 * pages of this server (`Origin`) and be no larger than the limit, and no other site looks at anything (`Sec-Fetch-Site`); nothing that goes out is
 * kept by a cache, but for what says so itself.
 */
export function guarded<Context>(
  { largest: limit, tooLarge }: Limits,
  handle: (request: NextRequest, context: Context) => Promise<Response>,
): (request: NextRequest, context: Context) => Promise<Response> {
  return async (request, context) => {
    const refuse = (status: number, said: Said) =>
      Response.json(
        { message: sayIn(localeOf(request.headers))(said), problems: [] },
        // What is still on its way is thrown away as it comes, so that the sender reads this answer.
        { status, headers: { "cache-control": noStore } },
      );
    const refuseSize = () =>
      refuse(413, tooLarge ?? { key: "errors.body_too_large", values: { kilobytes: Math.round(limit / 1000) } });

    if (changes(request) ? !isOwnOrigin(request) : isFromElsewhere(request))
      return refuse(403, { key: "errors.foreign_origin" });
    if (Number(request.headers.get("content-length") ?? 0) > limit) return refuseSize();
    let ended: "larger" | "cut off" | null = null;
    const { body } = request;
    const taken = body
      ? new NextRequest(request.url, {
          method: request.method,
          headers: request.headers,
          signal: request.signal,
          duplex: "half",
          body: counted(body, limit, (why) => {
            ended = why;
          }),
        })
      : request;
    try {
      const response = await handle(taken, context);
      // Nobody reads, or ends, the body of an answer to somebody who went away before it began: a file would stay open. (One that is being read is locked, and ends with its reader.)
      const abandon = () => void response.body?.cancel().catch(() => {});
      if (request.signal.aborted) abandon();
      else request.signal.addEventListener("abort", abandon, { once: true });
      if (ended === "larger") return refuseSize();
      if (!response.headers.has("cache-control")) response.headers.set("cache-control", noStore);
      if (request.method !== "HEAD") return response;
      // Nobody takes its body: a file would stay open.
      await response.body?.cancel();
      return new Response(null, response);
    } catch (error) {
      if (ended === "larger") return refuseSize();
      // Nobody reads this answer, and whoever can cut a connection could fill the log.
      if (ended === "cut off") return new Response(null, { status: 400 });
      // Left to Next, it would stand in the log as it came.
      logFailure(`${request.method} of a handler failed`, error);
      return refuse(500, { key: "errors.failed" });
    }
  };
}
