import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import { NextRequest } from "next/server";
import superjson from "superjson";
import { expect, test } from "vitest";
import { z } from "zod";
import { POST } from "@/app/api/trpc/[trpc]/route";
import { appRouter } from "@/server/api/root";
import { transformer } from "@/server/api/transformer";
import { publicProcedure, router } from "@/server/api/trpc";
import { freshDatabase } from "@/tests/support/database";

await freshDatabase();

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
        headers: { "content-type": "application/json", origin: "http://localhost", host: "localhost" },
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
      expect(await post(paths), paths.join()).toMatch(/`headers` was called outside a request scope|Something failed/);
});
