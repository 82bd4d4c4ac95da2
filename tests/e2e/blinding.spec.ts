import { readdirSync } from "node:fs";
import type { Page } from "@playwright/test";
import { expect, studies, test } from "./support";

/*
 * What the browser of a blinded reader is sent and keeps: pages as documents, as payloads of React (RSC) and as prefetched, and whatever stays in the browser. Every page is
 * found by its file. (Procedures and route handlers: `tests/blinding`.)
 */

/** The pages that a reader opens; every other is refused. A new page is one of the two. */
const readersOpen = [
  ...["account", "audit-table", "login", "password"],
  ...["studies", "studies/new", "studies/[study]", "studies/[study]/reading", "studies/[study]/reading/case"],
];
const refused = [
  ...["admin", "analysis", "analysis/cases", "audit", "design", "enrolment", "enrolment/[number]", "enrolment/flow"],
  ...["enrolment/screen", "imaging", "imaging/[number]", "imaging/held", "imaging/inbox", "imaging/what-is-removed"],
  ...["lock", "models", "models/[run]", "models/[run]/explain", "models/compare", "models/sweeps/[sweep]"],
  ...["nodes/[node]", "pathology", "pathology/[node]"],
].map((page) => `studies/[study]/${page}`);
/** Those of no study that a reader has no use for, and what is answered there. */
const elsewhere: Record<string, number> = {
  ...{ accounts: 403, "go-on": 404 },
  // The demonstration asks for no practice.
  "studies/[study]/reading/practice/[condition]": 404,
};
const statusOf = (page: string) => elsewhere[page] ?? (readersOpen.includes(page) ? 200 : 403);

const forms: Record<string, Record<string, string>> = {
  document: {},
  payload: { rsc: "1" },
  prefetched: { rsc: "1", "next-router-prefetch": "1", purpose: "prefetch" },
};

/** What a role is told by a query of the running study. */
const asked = async (page: Page, path: string): Promise<string> => {
  const input = encodeURIComponent(JSON.stringify({ json: { study: studies.running } }));
  return (await page.request.get(`/api/trpc/${path}?input=${input}`)).text();
};

test("no page of any form, and nothing that the browser keeps, tells a reader what is hidden", async ({ as }) => {
  const locator = await as("r1");
  const told = await asked(locator, "imaging.list");
  const secrets = new Set(told.match(/[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g));
  const node = /"id":"([0-9a-f-]{36})"/.exec(told)?.[1] ?? "";
  expect(secrets.size).toBeGreaterThan(50);
  const held = (text: string) => [...secrets].filter((secret) => text.includes(secret));

  const pages = readdirSync("app", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("/page.tsx"))
    .map((file) => file.replace(/\/page\.tsx$/, ""));
  expect(pages.toSorted()).toEqual([...readersOpen, ...refused, ...Object.keys(elsewhere)].toSorted());

  const parts: Record<string, string> = {
    study: studies.running,
    number: "001",
    node,
    run: node,
    sweep: node,
    condition: "cohort-1",
  };
  const addressOf = (page: string) => `/${page.replaceAll(/\[(\w+)\]/g, (_, part: string) => parts[part] ?? "")}`;
  const reader = await as("r2");
  for (const page of pages)
    for (const [form, headers] of Object.entries(forms)) {
      const answer = await reader.request.get(addressOf(page), { headers });
      // A page that was asked for by the id of a node has it in its address.
      const text = `${JSON.stringify(answer.headers())}${await answer.text()}`.replaceAll(node, "");
      expect(held(text), `${page} as ${form}`).toEqual([]);
      if (form === "document") expect(answer.status(), page).toBe(statusOf(page));
      else if (statusOf(page) === 200) expect(answer.headers()["content-type"], page).toBe("text/x-component");
    }
  for (const [form, headers] of Object.entries(forms).slice(0, 2)) {
    const answer = await locator.request.get(addressOf("studies/[study]/imaging/[number]"), { headers });
    expect(held(await answer.text()).length, `control: as ${form}`).toBeGreaterThan(0);
  }

  const sent: Promise<string>[] = [];
  reader.on("response", (response) => sent.push(response.text().catch(() => "")));
  await reader.goto(`/studies/${studies.running}/reading`);
  const ahead = reader.waitForResponse((response) => response.url().endsWith("/ahead"));
  await reader.goto(`/studies/${studies.running}/reading/case`);
  await expect(reader.getByRole("img", { name: /^Crop of the node/ })).toBeVisible();
  await ahead;
  expect(held((await Promise.all(sent)).join("\n"))).toEqual([]);

  const kept = () =>
    reader.evaluate(async () => ({
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      caches: await caches.keys(),
      databases: (await indexedDB.databases()).map(({ name }) => name),
      texts: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]),
    }));
  const { texts, ...stores } = await kept();
  expect(stores).toEqual({ workers: 0, caches: [], databases: [] });
  expect([held(texts), texts.includes("iVBOR")]).toEqual([[], false]);
  await reader.evaluate(
    () =>
      new Promise<void>((done, fail) => {
        const opening = indexedDB.open("control");
        opening.onsuccess = () => done(opening.result.close());
        opening.onerror = () => fail(new Error("no database is kept here"));
      }),
  );
  expect((await kept()).databases, "control").toEqual(["control"]);
});
