import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { isOfCase, refuseManyCases } from "@/server/api/case-calls";
import { guarded, jsonBytes, noStore } from "@/server/api/guard";
import { appRouter } from "@/server/api/root";
import { createContext } from "@/server/api/trpc";
import { scoresFileBytes } from "@/server/schemas/model";
import { largestBatch } from "@/server/schemas/session";

/** A file of scores comes as JSON, and alone; nothing is read of it before its sender is known. */
const largest = (request: Request) =>
  new URL(request.url).pathname === "/api/trpc/model.importScores" ? scoresFileBytes : jsonBytes;

const handler = guarded({ largest }, (request) =>
  fetchRequestHandler({
    endpoint: "/api/trpc",
    req: request,
    router: appRouter,
    createContext: ({ info }) => {
      refuseManyCases(info.calls.map(({ path }) => path));
      return createContext();
    },
    maxBatchSize: largestBatch,
    // Compressed on its way, the length of a case would tell how large a node is whose size is hidden (`drawOnCanvas`).
    responseMeta: ({ paths = [] }) =>
      paths.some(isOfCase) ? { headers: { "cache-control": `${noStore}, no-transform` } } : {},
  }),
);

export { handler as GET, handler as POST };
