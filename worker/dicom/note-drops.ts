import type { Server } from "node:net";
import type { Logger } from "pino";

const minuteMs = 60_000;

/** Says which connections were dropped as too many: the first at once, then how many there were, once a minute. Whoever reaches the port does not fill the log. */
export function noteDrops(server: Server, { limit, log }: { limit: number; log: Pick<Logger, "warn"> }): void {
  let since: number | null = null;
  server.on("drop", () => {
    if (since !== null) {
      since++;
      return;
    }
    since = 0;
    log.warn({ limit }, "a connection was dropped: too many");
    setTimeout(() => {
      if (since) log.warn({ limit, connections: since }, "more connections were dropped in the minute after: too many");
      since = null;
    }, minuteMs).unref();
  });
}
