import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, studies, test, type Who } from "./support";

const { locked, running } = studies;

/** Every page, with a role that works on it. */
const pages: [who: Who, path: string][] = [
  ["pi", "/studies"],
  ["pi", "/studies/new"],
  ["pi", `/studies/${running}`],
  ["coordinator", `/studies/${running}/enrolment`],
  ["coordinator", `/studies/${running}/enrolment/screen`],
  ["coordinator", `/studies/${running}/enrolment/001`],
  ["coordinator", `/studies/${running}/enrolment/flow`],
  ["r1", `/studies/${running}/imaging`],
  ["r1", `/studies/${running}/imaging/001`],
  ["coordinator", `/studies/${running}/reading`],
  ["r2", `/studies/${running}/reading`],
  ["r2", `/studies/${running}/reading/case`],
  ["pathologist", `/studies/${running}/pathology`],
  ["pi", `/studies/${running}/lock`],
  ["pi", `/studies/${locked}/lock`],
  ["scientist", `/studies/${locked}/models`],
  ["pi", `/studies/${locked}/analysis`],
  ["monitor", `/studies/${locked}/audit`],
  ["admin", `/studies/${running}/admin`],
];

/** Pages that are reached through a row of a list. */
const details: [who: Who, list: string, heading: RegExp][] = [
  ["pathologist", `/studies/${running}/pathology`, /N\d/],
  ["scientist", `/studies/${locked}/models`, /Training run/],
];

/** What the browser complains about while a page is open. */
function complaints(page: Page): string[] {
  const said: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(error.message));
  return said;
}

/** Looks at the page as it stands, wide and narrow, light and dark. */
async function expectSound(page: Page, said: readonly string[]) {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
      .analyze();
    const found = violations.map(
      ({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map((node) => node.html).join("; ")}`,
    );
    expect(found).toEqual([]);
  }
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, `sideways scrolling at ${width} px`).toBeLessThanOrEqual(0);
  }
  expect(said).toEqual([]);
}

test("the sign-in page is sound", async ({ page }) => {
  const said = complaints(page);
  await page.goto("/login");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expectSound(page, said);
});

for (const [who, path] of pages) {
  test(`${path} is sound for ${who}`, async ({ as }) => {
    const page = await as(who);
    const said = complaints(page);
    expect((await page.goto(path))?.status()).toBe(200);
    await page.waitForLoadState("networkidle");
    await expectSound(page, said);
  });
}

for (const [who, list, heading] of details) {
  test(`a page behind ${list} is sound for ${who}`, async ({ as }) => {
    const page = await as(who);
    const said = complaints(page);
    await page.goto(list);
    await page.getByRole("table").getByRole("link").first().click();
    await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
    await expectSound(page, said);
  });
}
