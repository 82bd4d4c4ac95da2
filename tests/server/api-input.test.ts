import { fetchRequestHandler } from "@trpc/server/adapters/fetch";
import superjson from "superjson";
import { expect, test } from "vitest";
import { appRouter } from "@/server/api/root";
import { transformer } from "@/server/api/transformer";
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
  expect(await ask("x")).toMatch(/not one that our pages send/);
});
