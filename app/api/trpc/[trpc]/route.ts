import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { guarded, jsonBytes, noStore } from "@/server/api/guard";
import { appRouter } from "@/server/api/root";
import { createContext } from "@/server/api/trpc";
import { scoresFileBytes } from "@/server/schemas/model";
import { largestBatch } from "@/server/schemas/session";

/** A file of scores comes as JSON, and alone; nothing is read of it before its sender is known. */
const largest = (request: Request) =>
  new URL(request.url).pathname === "/api/trpc/model.importScores" ? scoresFileBytes : jsonBytes;

/** What a case comes with: compressed on its way, its length would tell how large a node is whose size is hidden (`render`). */
const ofCase = /^reading\.(open|openPrevious|submit|correct)$/;

const handler = guarded({ largest }, (request) =>
  fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext,
    maxBatchSize: largestBatch,
    responseMeta: ({ paths = [] }) =>
      paths.some((path) => ofCase.test(path)) ? { headers: { "cache-control": `${noStore}, no-transform` } } : {},
  }),
);

export { handler as GET, handler as POST };
