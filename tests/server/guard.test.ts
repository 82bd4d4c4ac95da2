import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NextRequest } from "next/server";
import { describe, expect, test } from "vitest";
import { guarded } from "@/server/api/guard";
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

describe("what changes something", () => {
  test("comes from the pages of this server, by the host that was asked or by NEXTAUTH_URL", async () => {
    expect(await post({})).toMatchObject({ status: 200 });
    const proxied = { host: "internal:3000", origin: "https://reads.hospital.example" };
    expect(await post({ headers: proxied })).toMatchObject({ status: 200 });
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

test("no answer is kept by a cache, but for one that says how long", async () => {
  expect(await post({})).toMatchObject({ cache: "private, no-store" });
  const image = guarded(
    { largest: 0 },
    async () => new Response("", { headers: { "cache-control": "private, max-age=60" } }),
  );
  const answer = await image(new NextRequest(address), undefined);
  expect(answer.headers.get("cache-control")).toBe("private, max-age=60");
});

test("every handler of the API stands behind the guard", () => {
  const files = readdirSync("app/api", { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith("route.ts"),
  );
  expect(files.length).toBeGreaterThan(6);
  for (const file of files) {
    const text = readFileSync(join("app/api", file), "utf8");
    const exported = [...text.matchAll(/^export (.*)$/gm)].map(([, what]) => what);
    expect(exported.length, file).toBeGreaterThan(0);
    for (const what of exported)
      if (what?.startsWith("{")) expect(text, file).toMatch(/^const handler = guarded\(/m);
      else expect(what, file).toMatch(/^const (GET|POST) = guarded\(/);
  }
});
