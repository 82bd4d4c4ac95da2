import { readFileSync } from "node:fs";
import { afterEach, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const text = readFileSync("compose.yaml", "utf8");
const { services } = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        build: z.object({ target: z.string() }).optional(),
        environment: z.record(z.string(), z.string()).default({}),
      }),
    ),
  })
  .parse(parse(text, { merge: true }));
const builds = [...readFileSync("Dockerfile", "utf8").matchAll(/^FROM \S+ AS (\S+)$/gm)].map(([, name]) => name);

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
  vi.resetModules();
});

/** The environment of a service, with passwords as the head of the file makes them. */
const environmentOf = (service: string) =>
  Object.fromEntries(
    Object.entries(services[service]?.environment ?? {}).map(([name, value]) => [
      name,
      value.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1").replaceAll(/\$\{\w+:\?[^}]*\}/g, "0123456789abcdef".repeat(3)),
    ]),
  );

test("every image that compose.yaml runs is a target of the Dockerfile", () => {
  const targets = Object.values(services).flatMap(({ build }) => build?.target ?? []);
  expect([...new Set(targets)].sort()).toEqual(["web", "worker", "worker-gpu"]);
  expect(builds).toEqual(expect.arrayContaining(targets));
});

test("the image of the pages runs the server with its doors, on every network of its own", () => {
  const [, web] = /^FROM product AS web$(.*?)^FROM /ms.exec(readFileSync("Dockerfile", "utf8")) ?? [];
  expect(web).toContain('CMD ["node", "scripts/web.mjs"]');
  expect(web).toContain("ENV NODEWISE_HOST=0.0.0.0");
});

test.each(["web", "worker", "worker-gpu"])(
  "%s has the settings that it needs, and they are understood",
  async (name) => {
    for (const key of ["DATABASE_URL", "NODEWISE_ACTOR_SECRET", "NODEWISE_STORE", "NEXTAUTH_SECRET"])
      delete process.env[key];
    const { env: without } = await import("@/server/env");
    expect(() => without()).toThrow(/The environment is incomplete/);
    vi.resetModules();
    Object.assign(process.env, environmentOf(name));
    const { env } = await import("@/server/env");
    expect(env().NODEWISE_STORE).toEqual({
      bucket: "nodewise",
      prefix: "",
      endpoint: "http://store:7070",
      region: "us-east-1",
    });
    expect(new URL(env().DATABASE_URL).username).toBe(name === "web" ? "nodewise_web" : "nodewise_worker");
  },
);

test("the database's administrator is known to the migration alone, and a password is asked for by every name that the head makes", () => {
  const knowing = Object.keys(services).filter((name) => JSON.stringify(services[name]).includes("POSTGRES_SECRET"));
  expect(knowing.sort()).toEqual(["database", "migrate"]);
  const asked = new Set([...text.matchAll(/\$\{(\w+_SECRET):\?/g)].map(([, name]) => name));
  const made = /for name in ([A-Z ]+); do/
    .exec(text)?.[1]
    ?.split(" ")
    .map((name) => `${name}_SECRET`);
  expect([...asked].sort()).toEqual(made?.sort());
});
