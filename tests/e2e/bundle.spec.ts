import { textOf, unpacked } from "@/core/text/archive";
import { expect, studies, test } from "./support";

test("one click makes the bundle of the analysis and hands it out; a reader is refused it by its address", async ({
  as,
}) => {
  const page = await as("pi");
  await page.goto(`/studies/${studies.locked}/analysis`);
  const make = page.getByRole("button", { name: "Make bundle" });
  await expect(make).toBeVisible({ timeout: 100_000 });
  const download = page.waitForEvent("download", { timeout: 100_000 });
  await make.click();
  const file = await download;
  expect(file.suggestedFilename()).toMatch(/-bundle-synthetic\.zip$/);
  const archive = Buffer.concat(await (await file.createReadStream()).toArray());
  const files = unpacked(archive, { limit: 1e8 });
  expect(textOf(files.get("results.json") ?? new Uint8Array())).toContain('"sensitivity"');

  const link = page.getByRole("link", { name: "Download bundle" });
  await expect(link).toBeVisible();
  const address = (await link.getAttribute("href")) ?? "";
  expect((await page.request.get(address)).status(), "control").toBe(200);
  const reader = await as("r2");
  expect((await reader.request.get(address)).status()).toBe(403);
  expect((await (await as("coordinator")).request.get(address)).status()).toBe(403);
});

test("a file that is refused is told on the page, which stays, and can be asked for again", async ({ as }) => {
  const page = await as("scientist");
  await page.goto(`/studies/${studies.locked}/analysis`);
  const make = page.getByRole("button", { name: "Make bundle" });
  await expect(make).toBeVisible({ timeout: 100_000 });
  const bundles = "**/bundles/*";
  await page.route(bundles, (route) =>
    route.fulfill({ status: 409, json: { message: "The comparison is outdated.", problems: [] } }),
  );
  await make.click();
  const refused = page.getByRole("alert").filter({ hasText: "The comparison is outdated." });
  await expect(refused).toBeVisible({ timeout: 100_000 });
  await expect(page).toHaveURL(/analysis$/);
  await page.unroute(bundles);
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download bundle" }).click();
  expect((await download).suggestedFilename()).toMatch(/-bundle-synthetic\.zip$/);
  await expect(refused).toHaveCount(0);
});
