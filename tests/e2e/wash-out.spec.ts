import { execFileSync } from "node:child_process";
import { test } from "@playwright/test";
import { z } from "zod";
import { complaints, expect, expectSound } from "./support";

const made = z.object({ slug: z.string(), email: z.string(), password: z.string() });

test("the investigator opens a list before its wash-out is over, with reason and password; it stands on the page and in the trail", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const { slug, email, password } = made.parse(
    JSON.parse(
      execFileSync(process.execPath, ["--import", "tsx", "tests/e2e/make-study-in-wash-out.ts"], { encoding: "utf8" }),
    ),
  );
  const said = complaints(page);
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/studies$/);
  await page.goto(`/studies/${slug}/reading`);
  const row = page.getByRole("row", { name: /R2 .*Cohort 2/ });
  await expect(row).toContainText("Wash-out, opens");
  await page.getByRole("button", { name: "Open before the wash-out ends …" }).click();
  const dialog = page.getByRole("dialog");
  const sign = dialog.getByRole("button", { name: "Sign and open" });
  await expect(dialog.getByLabel("List")).toHaveText("R2, Cohort 2");
  await expect(dialog).toContainText(/Without it the list opens .* UTC/);
  await expect(sign).toBeDisabled();
  await expectSound(page, said);
  await page.setViewportSize({ width: 1440, height: 900 });
  await dialog.getByLabel("Reason").fill("The reader leaves the hospital next week.");
  await dialog.getByLabel("Your password").fill("not my password");
  await sign.click();
  await expect(
    dialog.getByText("The password is not right", { exact: false }).or(dialog.getByRole("alert")),
  ).toBeVisible();
  await dialog.getByLabel("Your password").fill(password);
  await sign.click();
  await expect(dialog).toBeHidden();
  await expect(row).toContainText("Open");
  const deviations = page.getByRole("region", { name: "Opened before the wash-out was over" });
  await expect(deviations).toContainText(/R2, Cohort 2.*Wash-out of 28 days, until .*signed by/s);
  await expect(deviations).toContainText("The reader leaves the hospital next week.");
  // A refused password is answered 400, which the browser notes.
  await expectSound(
    page,
    said.filter((line) => !line.includes("400")),
  );
  await page.goto(`/studies/${slug}/audit`);
  await expect(page.getByText("List opened before its wash-out was over").first()).toBeVisible();
});
