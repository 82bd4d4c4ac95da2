import type { Locator, Page } from "@playwright/test";
import sharp from "sharp";
import { expectChinese, speakChinese } from "./chinese";
import { complaints, expect, expectSound, studies, test, type Who } from "./support";

// Pages are looked at side by side: nothing here changes a record.
test.describe.configure({ mode: "parallel" });

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
  ["pi", `/studies/${locked}/models/compare`],
  ["pi", `/studies/${locked}/analysis`],
  ["pi", `/studies/${locked}/analysis?run=nonsense`],
  ["pi", `/studies/${running}/design`],
  ["scientist", `/studies/${locked}/analysis/cases?show=missed&network=right`],
  ["monitor", `/studies/${locked}/audit`],
  ["admin", `/studies/${running}/admin`],
  ["monitor", "/account"],
  ["admin", "/accounts"],
  ["r2", "/audit-table"],
];

/** Pages that are reached through the first row of a list that says so. */
const details: [who: Who, list: string, row: string, heading: RegExp][] = [
  ["pathologist", `/studies/${running}/pathology`, "N1", /N\d/],
  ["scientist", `/studies/${locked}/models`, "Done", /Training run/],
];

test("the sign-in page is sound", async ({ page }) => {
  const said = complaints(page);
  await page.goto("/login");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expectSound(page, said);
});

test("a person chooses the language: the page stays, with what was typed, and the choice is kept", async ({ page }) => {
  const said = complaints(page);
  await page.goto("/login");
  await page.getByLabel("E-mail").fill("a@b.org");
  await page.getByRole("button", { name: "中文" }).press("Enter");
  await expect(page.getByRole("heading", { name: "登录" })).toBeVisible();
  await expect(page.getByLabel("电子邮箱")).toHaveValue("a@b.org");
  await expectChinese(page);
  await expectSound(page, said);
  await page.reload();
  await expectChinese(page);
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test.describe("a browser that wishes for Chinese", () => {
  test.use({ locale: "zh-CN" });
  test("gets it at once", async ({ page }) => {
    await page.goto("/login");
    await expectChinese(page);
  });
});

/** The page in English and light, then in Chinese and dark: colours do not depend on the language. */
async function expectSoundInBoth(page: Page, said: readonly string[]) {
  await expectSound(page, said, ["light"]);
  await speakChinese(page);
  await page.reload();
  await page.waitForLoadState("networkidle");
  await expectChinese(page);
  await expectSound(page, said, ["dark"]);
}

for (const [who, path] of pages) {
  test(`${path} is sound for ${who}`, async ({ as }) => {
    const page = await as(who);
    const said = complaints(page);
    expect((await page.goto(path))?.status()).toBe(200);
    await page.waitForLoadState("networkidle");
    await expectSoundInBoth(page, said);
  });
}

test("a published table pasted from a spreadsheet is audited by keyboard, and what cannot be read is named", async ({
  as,
}) => {
  const page = await as("r3");
  await page.goto("/audit-table");
  await expect(page.getByText("318 + 326 = 644"), "the founding paper as an example").toBeVisible();
  const table = page.getByRole("textbox", { name: "Table" });
  await table.fill("Reader\tSens\tSpec\tPositive\tNegative\nA\t90.0\thigh\t100\t50");
  await table.press("Control+Enter");
  await expect(page.getByText('Row A, Spec: "high" is not read.')).toBeVisible();
  await table.fill("Reader\tSens\tSpec\tPositive\tNegative\nA\t90.0\t80.0\t100\t50\nB\t90.0\t80.5\t100\t50");
  await table.press("Control+Enter");
  await expect(page.getByRole("status")).toContainText("1 of 2 rows is impossible");
  await expect(page.getByRole("table", { name: "Possible tables of A" })).toContainText("90104010");
  await expect(
    page.getByText("No whole number out of 50 gives specificity 80.5: 40/50 = 80.00, 41/50 = 82.00."),
  ).toBeVisible();
});

for (const [who, list, row, heading] of details) {
  test(`a page behind ${list} is sound for ${who}`, async ({ as }) => {
    const page = await as(who);
    const said = complaints(page);
    const link = page.getByRole("row").filter({ hasText: row }).getByRole("link").first();
    // The demonstration's network is trained right after the start.
    await expect(async () => {
      await page.goto(list);
      await expect(link).toBeVisible({ timeout: 3_000 });
    }).toPass({ timeout: 90_000 });
    await link.click();
    await expect(page.getByRole("heading", { name: heading, level: 1 })).toBeVisible();
    await expectSoundInBoth(page, said);
  });
}

async function savedAs(figure: Locator, format: string): Promise<Buffer> {
  const page = figure.page();
  await figure.getByRole("button", { name: "Save" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: format }).click();
  return Buffer.concat(await (await (await download).createReadStream()).toArray());
}

test("a figure is saved from a dark page as a light file that needs nothing else, at its size in print", async ({
  as,
}) => {
  const page = await as("pi");
  await page.goto(`/studies/${locked}/analysis`);
  await page.evaluate(() => {
    document.documentElement.dataset.theme = "dark";
  });
  const figure = page.getByRole("figure").filter({ hasText: "ROC plot" });
  await expect(figure.locator("svg text").first()).toBeVisible();

  const svg = (await savedAs(figure, "SVG, 85 mm wide")).toString();
  const { fault, texts, hollow } = await page.evaluate((source) => {
    const read = new DOMParser().parseFromString(source, "image/svg+xml");
    return {
      fault: read.querySelector("parsererror")?.textContent ?? null,
      texts: [...read.querySelectorAll("text")].map(({ textContent }) => textContent),
      hollow: read.querySelectorAll("path[fill='#ffffff'][stroke='#0072b2']").length,
    };
  }, svg);
  expect(fault).toBeNull();
  for (const foreign of ["var(", "class=", "style=", "oklch(", "<image", "foreignObject"])
    expect(svg).not.toContain(foreign);
  for (const text of ["ROC plot", "Synthetic", "Sensitivity", "1 − specificity", "0.8", "R2", "Network", "Cohort 1"])
    expect(texts).toContain(text);
  // Each axis has its six labels.
  expect(texts.filter((text) => /^[01]\.\d$/.test(text ?? ""))).toHaveLength(12);
  expect(texts.join(" ")).toContain("hollow, dashed");
  expect(hollow).toBe(1);
  // Another viewer draws it on white.
  const corner = await sharp(Buffer.from(svg)).extract({ left: 0, top: 0, width: 1, height: 1 }).raw().toBuffer();
  expect([...corner.subarray(0, 3)]).toEqual([255, 255, 255]);

  const png = await sharp(await savedAs(figure, "PNG, 170 mm wide, 300 dpi")).metadata();
  expect(png).toMatchObject({ format: "png", width: Math.round((170 / 25.4) * 300), density: 300 });
});

test("a reader is looked at alone, with the mouse or by keyboard, and the others fade", async ({ as }) => {
  const page = await as("pi");
  await page.goto(`/studies/${locked}/analysis`);
  const figure = page.getByRole("figure").filter({ hasText: "ROC plot" });
  const faded = figure.locator("svg.recharts-surface g[opacity='0.12']");
  const values = figure.getByText(/^R3, Cohort 1: sensitivity [\d.]+ %, specificity [\d.]+ %; R3, Cohort 2: /);
  await expect(figure.locator("svg text").first()).toBeVisible();
  await expect(faded).toHaveCount(0);
  await figure.getByRole("button", { name: "R3" }).hover();
  await expect(values).toBeVisible();
  await expect(faded).not.toHaveCount(0);
  await page.mouse.move(0, 0);
  await expect(faded).toHaveCount(0);
  await figure.getByRole("button", { name: "R2" }).focus();
  await page.keyboard.press("Tab");
  await expect(values).toBeVisible();
});
