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

test("a file that is refused is told on the page, which stays; and what is of one run is not offered for another", async ({
  as,
}) => {
  const page = await as("scientist");
  const analysis = `/studies/${studies.locked}/analysis`;
  await page.goto(`/studies/${studies.locked}/models`);
  const address = await page
    .getByRole("link", { name: /short axis/i })
    .first()
    .getAttribute("href");
  await page.goto(`${analysis}?run=${address?.split("/").at(-1)}`);
  const make = page.getByRole("button", { name: "Make bundle" });
  await expect(make).toBeVisible({ timeout: 100_000 });
  await page.route("**/bundles/*", (route) =>
    route.fulfill({ status: 409, json: { message: "The comparison is outdated.", problems: [] } }),
  );
  await make.click();
  await expect(page.getByRole("alert").filter({ hasText: "The comparison is outdated." })).toBeVisible({
    timeout: 100_000,
  });
  await expect(page.getByRole("link", { name: "Download bundle" })).toBeVisible();
  await expect(page).toHaveURL(/analysis\?run=/);

  await page.getByRole("link", { name: "Compare the newest run of the network" }).click();
  await expect(page).toHaveURL(new RegExp(`${analysis}$`));
  await expect(make).toBeVisible({ timeout: 100_000 });
  await expect(page.getByRole("link", { name: "Download bundle" })).toHaveCount(0);
});
