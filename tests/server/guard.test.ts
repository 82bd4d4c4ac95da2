import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NextRequest } from "next/server";
import { describe, expect, test, vi } from "vitest";
import { guarded } from "@/server/api/guard";
import { authOptions } from "@/server/auth";
import { freshDatabase } from "@/tests/support/database";

// Its environment: the guard reads NEXTAUTH_URL where the database's address stands.
process.env.NEXTAUTH_URL = "https://reads.hospital.example";
await freshDatabase();

const address = "http://127.0.0.1:3000/api/something";
const own = { host: "127.0.0.1:3000", origin: "http://127.0.0.1:3000" };

/** What a guarded handler that reads its body answers, and whether it was asked at all. */
async function post(options: { headers?: Record<string, string>; body?: BodyInit; method?: string; largest?: number }) {
  const { headers = own, body = "{}", method = "POST", largest = 10 } = options;
  let asked = false;
  const handler = guarded({ largest }, async (request) => {
    asked = true;
    return Response.json({ bytes: (await request.arrayBuffer()).byteLength });
  });
  const request = new NextRequest(address, {
    method,
    headers,
    ...(method !== "GET" && { body, duplex: "half" as const }),
  });
  const answer = await handler(request, undefined);
  return { status: answer.status, asked, cache: answer.headers.get("cache-control"), json: await answer.json() };
}

/** A body that says nothing of its length. */
function stream(bytes: number, onPull = () => {}): ReadableStream<Uint8Array> {
  let left = bytes;
  return new ReadableStream(
    {
      pull(out) {
        onPull();
        if (left === 0) return out.close();
        left--;
        out.enqueue(new Uint8Array(1));
      },
    },
    { highWaterMark: 0 },
  );
}

describe("a body", () => {
  test("up to the limit is read, with its length said or not", async () => {
    for (const body of ["x".repeat(10), stream(10)])
      expect(await post({ body })).toMatchObject({ status: 200, json: { bytes: 10 } });
  });

  test("that says it is larger is refused, and nothing of it read", async () => {
    const answer = await post({ headers: { ...own, "content-length": "11" }, body: "x".repeat(11) });
    expect(answer).toMatchObject({ status: 413, asked: false, cache: "private, no-store" });
    expect(answer.json.message).toMatch(/larger than/);
  });

  test("that does not say so is read no further than the limit", async () => {
    let pulled = 0;
    const body = stream(1_000_000, () => {
      pulled++;
    });
    expect(await post({ body })).toMatchObject({ status: 413 });
    expect(pulled).toBeLessThan(20);
  });

  test("that lies about its length is refused, too", async () => {
    expect(await post({ headers: { ...own, "content-length": "5" }, body: stream(11) })).toMatchObject({ status: 413 });
  });
});

test("a body that is cut off on its way leaves nothing in the log; what else fails does", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const cut = new ReadableStream({ pull: (out) => out.error(new Error("aborted")) });
  expect(
    await guarded({ largest: 10 }, async (request) => new Response(await request.text()))(
      new NextRequest(address, { method: "POST", headers: own, body: cut, duplex: "half" }),
      undefined,
    ),
  ).toMatchObject({ status: 400 });
  expect(said).not.toHaveBeenCalled();
  const fails = guarded({ largest: 10 }, () => Promise.reject(new Error("aborted")));
  await fails(new NextRequest(address, { method: "POST", headers: own, body: "x" }), undefined);
  expect(said, "control").toHaveBeenCalledTimes(1);
  said.mockRestore();
});

describe("what changes something", () => {
  test("comes from the pages of this server, by the host that was asked or by NEXTAUTH_URL", async () => {
    expect(await post({})).toMatchObject({ status: 200 });
    const proxied = { host: "internal:3000", origin: "https://reads.hospital.example" };
    expect(await post({ headers: proxied })).toMatchObject({ status: 200 });
  });

  test("comes over the same protocol where NEXTAUTH_URL names the host that was asked", async () => {
    const host = "reads.hospital.example";
    expect(await post({ headers: { host, origin: `https://${host}` } }), "control").toMatchObject({ status: 200 });
    for (const origin of [`http://${host}`, `https://${host}:8443`])
      expect(await post({ headers: { host, origin } }), origin).toMatchObject({ status: 403, asked: false });
  });

  test("from elsewhere, from nowhere or from a page that hides its address is refused, and the handler not asked", async () => {
    const { host } = own;
    const others = [
      { host },
      ...[
        "https://evil.example",
        "null",
        "",
        "http://127.0.0.1:3001",
        "http://reads.hospital.example",
        "127.0.0.1:3000",
      ].map((origin) => ({ host, origin })),
    ];
    for (const headers of others)
      for (const method of ["POST", "PUT", "PATCH", "DELETE"])
        expect(await post({ headers, method }), JSON.stringify(headers)).toMatchObject({ status: 403, asked: false });
  });

  test("is no look: that needs no origin", async () => {
    expect(await post({ method: "GET", headers: { host: own.host } })).toMatchObject({ status: 200, asked: true });
  });
});

test("a look is that of these pages or of the person: no picture, link or script of another site has one in a visitor's name", async () => {
  const { host } = own;
  const look = (headers: Record<string, string>) => post({ method: "GET", headers: { host, ...headers } });
  for (const site of ["cross-site", "same-site"])
    expect(await look({ "sec-fetch-site": site }), site).toMatchObject({ status: 403, asked: false });
  for (const origin of ["https://evil.example", "null"])
    expect(await look({ origin }), origin).toMatchObject({ status: 403, asked: false });
  expect(await look({ "sec-fetch-site": "cross-site", origin: own.origin })).toMatchObject({ status: 403 });
  const looks: Record<string, string>[] = [
    {},
    { origin: own.origin },
    { "sec-fetch-site": "none" },
    { "sec-fetch-site": "same-origin" },
  ];
  for (const headers of looks)
    expect(await look(headers), `control: ${JSON.stringify(headers)}`).toMatchObject({ status: 200, asked: true });
});

test("no answer is kept by a cache, but for one that says how long", async () => {
  expect(await post({})).toMatchObject({ cache: "private, no-store" });
  const image = guarded(
    { largest: 0 },
    async () => new Response("", { headers: { "cache-control": "private, max-age=60" } }),
  );
  const answer = await image(new NextRequest(address), undefined);
  expect(answer.headers.get("cache-control")).toBe("private, max-age=60");
});

test("of an answer whose body nobody takes none is left open", async () => {
  let closed = 0;
  const file = () => new ReadableStream({ cancel: () => void closed++ });
  const handler = guarded({ largest: 0 }, async () => new Response(file(), { headers: { "content-length": "9" } }));
  const asked = await handler(new NextRequest(address, { method: "HEAD" }), undefined);
  expect([asked.status, asked.body, asked.headers.get("content-length"), closed]).toEqual([200, null, "9", 1]);
  const taken = await handler(new NextRequest(address), undefined);
  expect([taken.body?.locked, closed], "control").toEqual([false, 1]);
});

const form = { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" };

/** The status with which next-auth answers what is sent to it; beyond our own code it needs the request of a running server, and fails. */
async function askAuth(method: "GET" | "POST", path: string, of: { headers?: object; body?: string } = {}) {
  const { GET, POST } = await import("@/app/api/auth/[...nextauth]/route");
  const { headers = form, body = method === "POST" ? "" : null } = of;
  const request = new NextRequest(`http://127.0.0.1:3000/api/auth/${path}`, {
    method,
    headers: { ...own, ...headers },
    body,
  });
  const params = Promise.resolve({ nextauth: path.replace(/\?.*/, "").split("/") });
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const { status } = await (method === "GET" ? GET : POST)(request, { params });
  const lines = said.mock.calls.map((words) => words.join(" "));
  said.mockRestore();
  const isAsked = status === 500 && lines.length === 1 && lines[0]?.includes("outside a request scope");
  return { answer: isAsked ? "next-auth was asked" : status, lines };
}

test("of next-auth the pages have what they call, and nobody has the rest", async () => {
  const ask = async (method: "GET" | "POST", path: string) => (await askAuth(method, path)).answer;
  const rest = [
    "error?error=%0d%0aforged",
    "signin",
    "signin/credentials",
    "verify-request",
    "_log",
    "csrf/x",
    "callback/x",
  ];
  for (const path of [...rest, "callback/credentials", "signout"]) expect(await ask("GET", path), path).toBe(404);
  for (const path of [...rest, "session", "csrf"]) expect(await ask("POST", path), path).toBe(404);
  for (const path of ["csrf", "providers", "session"])
    expect(await ask("GET", path), `control: ${path}`).toBe("next-auth was asked");
  for (const path of ["callback/credentials", "signout"])
    expect(await ask("POST", path), `control: ${path}`).toBe("next-auth was asked");
});

test("next-auth is handed a form of its own fields, and what is none leaves nothing in the log", async () => {
  const forged = 'x\n{"level":50,"msg":"the administrator signed in"}\u001b[2J';
  for (const path of ["callback/credentials", "signout"]) {
    for (const type of ["application/json", "text/plain", `multipart/form-data; ${form["content-type"]}`, ""])
      expect(await askAuth("POST", path, { headers: { "content-type": type }, body: forged }), type).toEqual({
        answer: 415,
        lines: [],
      });
    const bodies = [
      `callbackUrl=${encodeURIComponent(`/${forged}`)}`,
      "callbackUrl=nowhere",
      `csrfToken=${"x".repeat(2001)}`,
    ];
    for (const body of bodies) expect(await askAuth("POST", path, { body }), body).toEqual({ answer: 400, lines: [] });
    for (const body of ["callbackUrl=%2Flogin&json=true&csrfToken=x", "other=%0aforged&csrfToken[]=a"])
      expect((await askAuth("POST", path, { body })).answer, `control: ${body}`).toBe("next-auth was asked");
  }
});

test("whatever a handler fails with is one line of the log, and an answer", async () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const handler = guarded({ largest: 10 }, async () => {
    throw new Error("no such\u2028sign-in\nof the administrator\u001b[2J");
  });
  const answer = await handler(new NextRequest(address), undefined);
  const lines = said.mock.calls.map((words) => words.join(" "));
  said.mockRestore();
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([500, "private, no-store"]);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(
    /^GET of a handler failed: Error: no such<U\+2028>sign-in<U\+000A>of the administrator<U\+001B>\[2J at .*guard\.test\.ts/,
  );
  expect(lines[0]).not.toMatch(/\n/);
});

test("what next-auth has to say is one line of the log, whatever was sent to it", () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const message = "no such\r\nsign-in of the administrator\u001b[2J";
  const { logger } = authOptions();
  logger?.error?.("ONE", new Error(message));
  logger?.error?.("TWO", { error: new Error(message) });
  const lines = said.mock.calls.map((words) => words.join(" "));
  said.mockRestore();
  expect(lines).toEqual(
    ["ONE", "TWO"].map((code) => `next-auth ${code}: no such<U+000D><U+000A>sign-in of the administrator<U+001B>[2J`),
  );
});

test("a cookie that is no session leaves nothing in the log", () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const { logger } = authOptions();
  for (const code of ["JWT_SESSION_ERROR", "SIGNOUT_ERROR"]) logger?.error?.(code, new Error("Invalid Compact JWE"));
  expect(said).not.toHaveBeenCalled();
  logger?.error?.("SIGN_OUT_EVENT_ERROR", new Error("the database is away"));
  expect(said, "control").toHaveBeenCalledTimes(1);
  said.mockRestore();
});

test("every handler of the API stands behind the guard, and takes no message of parts apart", () => {
  const files = readdirSync("app/api", { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith("route.ts"),
  );
  expect(files.length).toBeGreaterThan(6);
  for (const file of files) {
    const text = readFileSync(join("app/api", file), "utf8");
    expect(text, file).not.toMatch(/formData\(/);
    const exported = [...text.matchAll(/^export (.*)$/gm)].map(([, what]) => what);
    expect(exported.length, file).toBeGreaterThan(0);
    for (const what of exported)
      if (what?.startsWith("{")) expect(text, file).toMatch(/^const handler = guarded\(/m);
      else expect(what, file).toMatch(/^const (GET|POST) = guarded\(/);
  }
});
