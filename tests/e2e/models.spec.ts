import type { Page } from "@playwright/test";
import { complaints, expect, expectSound, studies, test } from "./support";

const models = `/studies/${studies.locked}/models`;
/** The demonstration trains first; the worker takes one run at a time. */
const untilItsTurn = { timeout: 5 * 60_000 };

const depths = (page: Page) => page.getByRole("table", { name: "Depths" }).locator("tbody").getByRole("row");

test("a finished run is judged by the worker and shown at once from then on, on its page and on its card", async ({
  as,
}) => {
  test.setTimeout(8 * 60_000);
  const page = await as("scientist");
  const said = complaints(page);
  const done = page.getByRole("row").filter({ hasText: "Done" }).first();
  await expect(async () => {
    await page.goto(models);
    await expect(done).toBeVisible({ timeout: 3_000 });
  }).toPass(untilItsTurn);
  await done.getByRole("link").first().click();
  const line = page.getByText(/282 images of \d+ patients/);
  await expect(line).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText("The figures are being computed")).toHaveCount(0);
  await expectSound(page, said);
  await page.reload();
  await expect(line).toBeVisible();
  await page.getByText("Show the model card").click();
  await expect(page.getByText("## Quantitative analyses")).toBeVisible({ timeout: 60_000 });
});

test("a scientist starts a training of the network from the page, sees it run and cancels it", async ({ as }) => {
  test.setTimeout(8 * 60_000);
  const page = await as("scientist");
  const said = complaints(page);
  await page.goto(models);
  await page.getByRole("button", { name: "Train", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByText("Network", { exact: true }).click();
  await dialog.getByLabel("Folds").fill("2");
  await dialog.getByLabel("Epochs, at most").fill("1");
  await expect(dialog.getByText("26 of 94 convolutions stay frozen")).toBeVisible();
  await dialog.getByText("All settings").click();
  await expectSound(page, said);
  await dialog.getByRole("button", { name: "Train", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Training run: Network, first 3 blocks frozen" })).toBeVisible();
  await expect(page.getByTestId("run-answer")).toContainText("Running", untilItsTurn);
  await expect(page.getByText("fold 1 of 2, epoch 1 of 1")).toBeVisible(untilItsTurn);
  await expectSound(page, said);
  await page.getByRole("button", { name: "Cancel run" }).click();
  await expect(page.getByTestId("run-answer")).toContainText("Cancelled", { timeout: 60_000 });
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible();
});

test("an investigator starts a freeze sweep with one click and stops it", async ({ as }) => {
  test.setTimeout(8 * 60_000);
  const page = await as("pi");
  const said = complaints(page);
  await page.goto(models);
  await page.getByRole("button", { name: "Freeze sweep", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Freeze sweep", level: 1 })).toBeVisible();
  await expect(depths(page)).toHaveCount(7);
  await expect(depths(page).first()).toContainText("Running", untilItsTurn);
  await expectSound(page, said);
  const cancelAll = page.getByRole("button", { name: "Cancel all" });
  const stopAll = async () => {
    await cancelAll.click();
    for (const row of await depths(page).all()) await expect(row).toContainText("Cancelled", { timeout: 60_000 });
  };
  await stopAll();
  await page.getByRole("button", { name: "Resume all" }).click();
  for (const row of await depths(page).all()) await expect(row).toContainText(/Queued|Running/);
  await stopAll();
  await page.goto(models);
  await expect(page.getByRole("link", { name: /0, 1, 2, 3, 5, 7, 9/ })).toBeVisible();
});
