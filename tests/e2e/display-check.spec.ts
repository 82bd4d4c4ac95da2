import { execFileSync } from "node:child_process";
import { type Page, test } from "@playwright/test";
import { z } from "zod";
import { complaints, cornerOf, expect, expectSound } from "./support";

const account = z.object({ email: z.string(), password: z.string() });
const made = z.object({ slug: z.string(), accounts: z.tuple([account]) });

/** One reader, of a protocol that asks for a page of 800 x 600 px. */
const studyThatAsks = () =>
  made.parse(
    JSON.parse(
      execFileSync(
        process.execPath,
        [
          ...["--import", "tsx", "tests/e2e/make-study-of-readers.ts", "1", "1"],
          "displayCheck: { minWidth: 800, minHeight: 600 }",
        ],
        { encoding: "utf8" },
      ),
    ),
  );

const step = (page: Page, n: number) => page.getByText(`Look ${n} of 4`);

test("a reader's screen is checked before cases are opened: too small and not seen open nothing, found by keyboard opens the first case", async ({
  page,
}) => {
  test.setTimeout(240_000);
  const {
    slug,
    accounts: [{ email, password }],
  } = studyThatAsks();
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/studies$/);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/studies/${slug}/reading/case`);
  await expect(page.locator("p[role=alert]")).toContainText(
    "390 × 844 px. The protocol asks for 800 × 600 px at least",
  );
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(step(page, 1)).toBeVisible();
  await expectSound(page, complaints(page), ["dark"]);
  await page.setViewportSize({ width: 1440, height: 900 });

  for (let n = 1; n <= 4; n++) {
    await expect(step(page, n)).toBeVisible();
    await page.keyboard.press("0");
  }
  await expect(page.locator("p[role=alert]")).toContainText("0 of 4 squares were found");
  await expect(page.getByTestId("case-position")).toBeHidden();
  await page.keyboard.press("Enter");
  for (let n = 1; n <= 4; n++) {
    await expect(step(page, n)).toBeVisible();
    const corner = await cornerOf(page);
    if (n % 2 === 0) await page.getByRole("button", { name: `Corner ${corner}` }).click();
    else await page.keyboard.press(String(corner));
  }
  await expect(page.getByTestId("case-position")).toHaveText("Case 1 of 3");
  await page.reload();
  await expect(page.getByTestId("case-position"), "it counts for the session").toHaveText("Case 1 of 3");
});
