// The web process: Next behind an HTTP server of ours, which says where a request comes from. Next by itself believes the client's own
// X-Forwarded-For, so nobody's guesses at a password could be counted.
import { createServer } from "node:http";
import next from "next";
import { root } from "./lib/install.mjs";
import { ownCookies } from "./lib/own-cookies.mjs";
import { isOwnHost, notOurName, ownHosts } from "./lib/own-hosts.mjs";
import { pathOf } from "./lib/path-of.mjs";
import { isRouterState } from "./lib/router-state.mjs";
import { goOnTo, isSentFromElsewhere } from "./lib/sent-from-elsewhere.mjs";

const development = process.argv.includes("--dev");
const host = process.env.NODEWISE_HOST ?? "127.0.0.1";
const port = Number(process.env.PORT ?? 3000);
const hosts = ownHosts(process.env);
const behindProxy = process.env.NODEWISE_PROXY === "true";

/** Pages are looked at; what changes something goes to /api, where every door has its limits. */
const methodsOf = (path) => (path.startsWith("/api/") ? ["GET", "HEAD", "POST", "OPTIONS"] : ["GET", "HEAD"]);

/** The address of whoever asks: of the connection, or what the one reverse proxy in front of us has added last. */
function sourceOf(request) {
  const forwarded = behindProxy && request.headers["x-forwarded-for"]?.split(",").at(-1)?.trim();
  return (forwarded || request.socket.remoteAddress || "").replace(/^::ffff:/, "");
}

// Next listens for upgrades on a server that nobody reaches: on ours they would go past the doors, and stay open.
const app = next({
  dev: development,
  dir: root,
  hostname: host,
  port,
  ...(development ? {} : { httpServer: createServer() }),
});
const server = createServer((request, response) => {
  if (!isOwnHost(hosts, request.headers.host)) {
    response.writeHead(421, { "content-type": "text/plain; charset=utf-8" }).end(notOurName);
    return;
  }
  request.headers["x-nodewise-source"] = sourceOf(request);
  if (request.headers.cookie) request.headers.cookie = ownCookies(request.headers.cookie);
  const path = pathOf(request.url);
  if (path === null || !isRouterState(request.headers["next-router-state-tree"])) {
    response.writeHead(400).end();
    return;
  }
  const methods = methodsOf(path);
  if (!methods.includes(request.method)) {
    response.writeHead(405, { allow: methods.join(", ") }).end();
    return;
  }
  if (isSentFromElsewhere(path, request.headers)) {
    response.writeHead(303, { location: goOnTo(request.url), "cache-control": "private, no-store" }).end();
    return;
  }
  handle(request, response);
});
server.on("error", (error) => {
  const taken = error.code === "EADDRINUSE" && `Port ${port} of ${host} is in use.`;
  process.stderr.write(`${taken || error.message}\n`);
  process.exit(1);
});

await app.prepare();
const handle = app.getRequestHandler();
server.listen(port, host);

for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    server.close(() => process.exit(0));
    // Streams of progress never end by themselves.
    setTimeout(() => server.closeAllConnections(), 2_000).unref();
  });
