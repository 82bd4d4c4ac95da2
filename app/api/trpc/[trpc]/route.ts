import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { NextRequest } from "next/server";
import { isOfCase, refuseManyCases } from "@/server/api/case-calls";
import { guarded, jsonBytes, noStore } from "@/server/api/guard";
import { bringsJson, isModest } from "@/server/api/modest-json";
import { appRouter } from "@/server/api/root";
import { createContext } from "@/server/api/trpc";
import { largestBatch } from "@/server/schemas/session";

/** What is asked, of a form and size that our pages send; or why it is refused, before it is parsed. */
async function asAsked(request: NextRequest): Promise<NextRequest | Response> {
  const { method, headers, signal } = request;
  if (method !== "POST") {
    const isOther = headers.has("content-type") && !bringsJson(request);
    if (isOther) return new Response(null, { status: 415 });
    return isModest(request.nextUrl.searchParams.get("input") ?? "") ? request : new Response(null, { status: 400 });
  }
  if (!bringsJson(request)) return new Response(null, { status: 415 });
  const body = await request.text();
  return isModest(body)
    ? new NextRequest(request.url, { method, headers, signal, body })
    : new Response(null, { status: 400 });
}

const handler = guarded({ largest: jsonBytes }, async (request) => {
  const asked = await asAsked(request);
  if (asked instanceof Response) return asked;
  return fetchRequestHandler({
    endpoint: "/api/trpc",
    req: asked,
    router: appRouter,
    createContext: ({ info }) => {
      refuseManyCases(info.calls.map(({ path }) => path));
      return createContext();
    },
    maxBatchSize: largestBatch,
    // Compressed on its way, the length of a case would tell how large a node is whose size is hidden (`drawOnCanvas`).
    responseMeta: ({ paths = [] }) =>
      paths.some(isOfCase) ? { headers: { "cache-control": `${noStore}, no-transform` } } : {},
  });
});

export { handler as GET, handler as POST };
