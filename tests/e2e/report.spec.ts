import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download, Locator, Page } from "@playwright/test";
import { parse } from "csv-parse/sync";
import { textOf, unpacked } from "@/core/text/archive";
import { numeralsOf, writtenNumbers } from "@/tests/core/report/numerals";
import { expect, nodewise, studies, test } from "./support";

const hasPdfToText = (() => {
  try {
    execFileSync("pdftotext", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** Presses the link to a file and gives its bytes. */
async function taken(page: Page, link: string): Promise<{ bytes: Buffer; name: string }> {
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: link, exact: true }).click();
  const file = await download;
  return { bytes: Buffer.concat(await (await file.createReadStream()).toArray()), name: file.suggestedFilename() };
}

/** The file that a button of the page makes. The button is seen before the page listens to it, so it is pressed again until it does. */
async function madeBy(page: Page, button: Locator): Promise<Download> {
  for (;;) {
    const begun = page.waitForEvent("download", { timeout: 3_000 }).catch(() => null);
    await button.click();
    const file = await begun;
    if (file) return file;
  }
}

/** The paragraphs of a Word file. */
function paragraphsOf(word: Buffer): string[] {
  const xml = textOf(unpacked(word, { limit: 1e8 }).get("word/document.xml") ?? new Uint8Array());
  return [...xml.matchAll(/<w:p[ >].*?<\/w:p>/gs)].map(([paragraph]) =>
    [...paragraph.matchAll(/<w:t(?: [^>]*)?>([^<]*)<\/w:t>/g)].map(([, text]) => text).join(""),
  );
}

/** Minus signs and spaces in one way. */
const plain = (text: string) => text.replaceAll("−", "-").replaceAll(/\s+/g, " ");

test("from the locked study to the answer and the paper in three clicks, and their first sentence says what is stored", async ({
  as,
}) => {
  const page = await as("pi");
  await page.getByRole("link", { name: "Demonstration, locked" }).first().click();
  await page.getByRole("link", { name: "Analysis", exact: true }).click();
  const answer = page.getByRole("region", { name: "Primary result" });
  await expect(answer).toBeVisible({ timeout: 100_000 });
  const shown = plain(await answer.innerText());
  await page.getByRole("button", { name: "Make report" }).click();
  await expect(page.getByRole("progressbar")).toBeVisible();
  await expect(page.getByRole("link", { name: "Word", exact: true })).toBeVisible({ timeout: 100_000 });
  await expect(page.getByRole("progressbar")).toHaveCount(0);
  const [word, pdf] = [await taken(page, "Word"), await taken(page, "PDF")];
  expect(word.name).toMatch(/-report-en-synthetic\.docx$/);
  expect(pdf.name).toMatch(/-report-en-synthetic\.pdf$/);
  expect(pdf.bytes.subarray(0, 5).toString()).toBe("%PDF-");
  expect(pdf.bytes.toString("latin1").match(/\/Type \/Page\b/g)?.length, "pages").toBeGreaterThan(5);

  const folder = mkdtempSync(join(tmpdir(), "nodewise-report-"));
  try {
    await nodewise("analyse", "--study", studies.locked, "--out", folder);
    const { primary, about } = JSON.parse(readFileSync(join(folder, "comparison.json"), "utf8"));
    const { estimate, lower, upper } = primary.difference;
    const numbers = [primary.margin, estimate, lower, upper].map((value: number) => value.toFixed(3));
    const known = writtenNumbers([primary, about.conditions]);
    const ofMethod = ["95", "0"];
    const sentence = plain(paragraphsOf(word.bytes).find((each) => each.includes("The difference, for ")) ?? "");
    for (const [where, text] of [
      ["the page", shown],
      ["the paper", sentence],
    ] as const) {
      for (const number of numbers) expect(text, where).toContain(number);
      expect(
        numeralsOf(text).filter(
          (numeral) => !known.has(numeral) && ![...ofMethod, about.protocol.version].includes(numeral),
        ),
        `${where}: numbers that are not stored`,
      ).toEqual([]);
    }
    if (hasPdfToText) {
      writeFileSync(join(folder, "paper.pdf"), pdf.bytes);
      const text = plain(execFileSync("pdftotext", [join(folder, "paper.pdf"), "-"]).toString());
      for (const number of numbers) expect(text, "the PDF").toContain(number);
    } else
      test.info().annotations.push({ type: "skipped", description: "pdftotext is not there: the words of the PDF" });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("what the plan does not name is marked in the table, with its words below it, and in the file of the table", async ({
  as,
}) => {
  const page = await as("pi");
  await page.goto(`/studies/${studies.locked}/analysis`);
  const table = page.getByRole("table", { name: "Table 2: diagnostic accuracy" });
  await expect(table).toBeVisible({ timeout: 100_000 });
  const note = page.getByRole("listitem").filter({ hasText: "post hoc: the plan of the protocol does not name it" });
  const mark = await note.locator("sup").last().innerText();
  await expect(table.getByRole("button", { name: "PPV" }).locator("sup")).toHaveText(mark);
  await expect(table.getByRole("button", { name: "Sensitivity" }).locator("sup").getByText(mark)).toHaveCount(0);

  const button = table
    .locator("xpath=ancestor::div[.//button[text()='Download CSV']][1]")
    .getByRole("button", { name: "Download CSV" });
  const csv = Buffer.concat(await (await (await madeBy(page, button)).createReadStream()).toArray()).toString();
  const [head = [], ...rows]: string[][] = parse(csv, { bom: true });
  const notesOf = (column: string) => rows.map((row) => row[head.indexOf(column)]);
  expect(notesOf("ppv_note").every((text) => text?.includes("post hoc"))).toBe(true);
  expect(notesOf("sensitivity_note").some((text) => text?.includes("post hoc"))).toBe(false);
});
