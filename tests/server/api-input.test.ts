import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { NextRequest } from "next/server";
import superjson from "superjson";
import { describe, expect, test, vi } from "vitest";
import { z } from "zod";
import { POST as postCrop } from "@/app/api/studies/[study]/crops/route";
import { POST as postScores } from "@/app/api/studies/[study]/scores/route";
import { GET, POST } from "@/app/api/trpc/[trpc]/route";
import { guarded, jsonBytes } from "@/server/api/guard";
import { isModest } from "@/server/api/modest-json";
import { appRouter } from "@/server/api/root";
import { transformer } from "@/server/api/transformer";
import { publicProcedure, router } from "@/server/api/trpc";
import { freshDatabase } from "@/tests/support/database";

await freshDatabase();

/** Whoever asks here has no cookie: a stranger. */
vi.mock("next/headers", () => ({ headers: async () => new Headers(), cookies: async () => ({ getAll: () => [] }) }));

const ofPages = { origin: "http://localhost", host: "localhost" };

/** What a stranger gets who asks as the pages do, twenty calls in one request. */
async function ask(input: unknown) {
  const calls = Array.from({ length: 20 }, (_, i) => i);
  const address = `http://localhost/api/trpc/${calls.map(() => "person.followPasswordLink").join(",")}?batch=1`;
  const answer = await fetchRequestHandler({
    endpoint: "/api/trpc",
    router: appRouter,
    createContext: () => ({ person: null, locale: "en" as const }),
    req: new Request(address, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(Object.fromEntries(calls.map((call) => [call, input]))),
    }),
  });
  return JSON.stringify(await answer.json());
}

const json = { secret: "x", password: "a long sentence of mine" };

test("an input is taken as the pages send it, with fields left out and numbers that are none", async () => {
  expect(await ask({ json })).toMatch(/link/);
  const shared = { a: 1 };
  for (const input of [undefined, { a: undefined, b: Number.NaN, c: [{ d: undefined }] }, { one: shared, two: shared }])
    expect(transformer.input.deserialize(JSON.parse(JSON.stringify(superjson.serialize(input))))).toEqual(input);
});

test("an input is not copied, which would take several times as long as reading it", () => {
  const payload = { json: { values: [{}, {}] } };
  expect(transformer.input.deserialize(payload)).toBe(payload.json);
});

test("what no page sends is refused before anything is made of it", async () => {
  const deep = Array.from({ length: 1_000 }).reduce<unknown>((inner) => ({ a: inner }), ["undefined"]);
  const strange = [
    ["class", "Foo"],
    ...[
      ["custom", "x"],
      ["symbol", "x"],
      ["typed-array", "Int8Array"],
    ].map((type) => [type]),
    ...["Date", "regexp", "bigint", "set", "map", "Error", "URL"].map((type) => [type]),
    ["undefined", { "a.b": ["class", "Foo"] }],
    deep,
  ];
  for (const type of strange)
    expect(await ask({ json, meta: { values: { secret: type } } }), JSON.stringify(type).slice(0, 40)).toMatch(
      /not one that our pages send/,
    );
  const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [`secret${i}`, ["undefined"]]));
  expect(await ask({ json, meta: { values: many, v: 1 } })).toMatch(/not one that our pages send/);
  expect(await ask("x")).toMatch(/not one that our pages send/);
});

test("of very many problems of an input the first twenty are told, and how many more there are", async () => {
  const problemsOf = async (count: number) => {
    const answer = await fetchRequestHandler({
      endpoint: "/api/trpc",
      router: router({ count: publicProcedure.input(z.array(z.int())).mutation(() => null) }),
      createContext: () => ({ person: null, locale: "en" as const }),
      req: new Request("http://localhost/api/trpc/count", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ json: Array.from({ length: count }, () => "x") }),
      }),
    });
    const told = z.object({
      error: z.object({ json: z.object({ data: z.object({ problems: z.array(z.string()) }) }) }),
    });
    return told.parse(await answer.json()).error.json.data.problems;
  };
  expect(await problemsOf(20)).toHaveLength(20);
  const problems = await problemsOf(50_000);
  expect(problems).toHaveLength(21);
  expect(problems.at(0)).toBe("0: Enter a number");
  expect(problems.at(-1)).toBe("and 49980 more");
});

test("one request opens one case, of whichever kind; beside it others are answered as ever", async () => {
  const post = (paths: readonly string[]) =>
    POST(
      new NextRequest(`http://localhost/api/trpc/${paths.map(encodeURIComponent).join(",")}?batch=1`, {
        method: "POST",
        headers: { "content-type": "application/json", ...ofPages },
        body: JSON.stringify(Object.fromEntries(paths.map((_, call) => [call, { json: { study: "x" } }]))),
      }),
      {},
    ).then(async (answer) => JSON.stringify(await answer.json()));
  const kinds = ["reading.open", "reading.openPrevious", "reading.submit", "reading.correct"];
  for (const kind of kinds)
    for (const other of kinds)
      expect(await post(["reading.draw", kind, other]), `${kind}, ${other}`).toMatch(/asks for one case at most/);
  // Control: asked on its own, or beside what is no case, it comes as far as the question who asks.
  for (const kind of kinds)
    for (const paths of [[kind], [kind, "reading.draw"]])
      expect(await post(paths), paths.join()).toMatch(/Sign in first/);
});

const nested = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
const many = (values: number) => `[${Array(values).fill("{}").join(",")}]`;

describe("before JSON is parsed", () => {
  test("its brackets and values are counted, and what stands in a text is none", () => {
    for (const json of [nested(33), many(20_000), "[".repeat(1_000_000), `{"a":${nested(40)}}`, `"\\""${nested(33)}`])
      expect(isModest(json), json.slice(0, 40)).toBe(false);
    const text = JSON.stringify({ csv: `\\"${"[{,".repeat(100_000)}\n` });
    for (const json of [nested(32), many(9_000), text, "", '"', '"\\', '"a", "[[['])
      expect(isModest(json), `control: ${json.slice(0, 40)}`).toBe(true);
  });

  const call = (body: string, type = "application/json") =>
    POST(
      new NextRequest("http://localhost/api/trpc/person.followPasswordLink", {
        method: "POST",
        headers: { "content-type": type, ...ofPages },
        body,
      }),
      {},
    ).then(({ status }) => status);

  test("the API takes no other kind of message, no deep one and none of very many values", async () => {
    const asked = JSON.stringify({ json });
    for (const type of [
      "multipart/form-data; boundary=x",
      "application/octet-stream",
      "text/plain",
      "application/jsonx",
    ])
      expect(await call(asked, type), type).toBe(415);
    for (const body of [`{"json":${nested(400_000)}}`, `{"json":${many(30_000)}}`]) expect(await call(body)).toBe(400);
    for (const type of ["application/json", "Application/JSON; charset=utf-8"])
      expect(await call(asked, type), `control: the link is unknown, ${type}`).toBe(404);
    const look = (input: string, headers = {}) =>
      GET(
        new NextRequest(`http://localhost/api/trpc/person.door?input=${encodeURIComponent(input)}`, {
          headers: { ...ofPages, ...headers },
        }),
        {},
      ).then(({ status }) => status);
    expect(await look(`{"json":${nested(4_000)}}`)).toBe(400);
    expect(await look("{}", { "content-type": "multipart/form-data; boundary=x" })).toBe(415);
    expect(await look("{}"), "control").toBe(200);
  });
});

test("of a file nothing is read before its sender is known", async () => {
  /** What a door answers to a stranger, and how much of the body it took. */
  const sent = async (
    post: (request: NextRequest, context: { params: Promise<{ study: string }> }) => Promise<Response>,
  ) => {
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(out) {
          pulled++;
          out.enqueue(new Uint8Array(1_000));
          if (pulled === 100) out.close();
        },
      },
      { highWaterMark: 0 },
    );
    const headers = { "content-type": "application/json", ...ofPages };
    const request = new NextRequest("http://localhost/api/x", { method: "POST", headers, body, duplex: "half" });
    const { status } = await post(request, { params: Promise.resolve({ study: "a" }) });
    return { status, pulled };
  };
  expect(await sent(postScores)).toEqual({ status: 401, pulled: 0 });
  expect(await sent(postCrop)).toEqual({ status: 401, pulled: 0 });
  const reads = guarded({ largest: jsonBytes }, async (request) => new Response(await request.text()));
  expect(await sent(reads), "control").toEqual({ status: 200, pulled: 100 });
});
