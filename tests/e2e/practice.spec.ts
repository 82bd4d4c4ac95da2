import { execFileSync } from "node:child_process";
import { rm } from "node:fs/promises";
import { type Page, test } from "@playwright/test";
import { z } from "zod";
import { drawnPractice, practiceFolder } from "@/tests/support/practice-folder";
import { complaints, cornerOf, expect, expectSound, nodewise } from "./support";

const made = z.object({
  slug: z.string(),
  accounts: z.array(z.object({ email: z.string(), password: z.string() })).length(1),
});

/** One reader, one patient, and a protocol that asks for practice with three of four right: of one test alone. */
const studyWithPractice = (more = "") =>
  made.parse(
    JSON.parse(
      execFileSync(
        process.execPath,
        [
          "--import",
          "tsx",
          "tests/e2e/make-study-of-readers.ts",
          "1",
          "1",
          `practice: { passMark: 0.75, conditions: [cohort-1] }${more}`,
        ],
        { encoding: "utf8" },
      ),
    ),
  );

const cases = 4;

async function signIn(page: Page, { email, password }: { email: string; password: string }) {
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/studies$/);
}

const picture = (page: Page) => page.getByRole("img", { name: /^Crop of the node/ }).getAttribute("src");
const answer = (page: Page) => page.getByTestId("practice-answer");

/** Answers the case in hand by the keyboard: with two criteria the rule says positive, with none negative. */
async function call(page: Page, number: number, truth: string) {
  await expect(page.getByText(`Practice case ${number} of ${cases}`)).toBeVisible();
  await expect(page.getByRole("button", { name: "Submit, see what it is" })).toBeVisible();
  await expect(answer(page)).toHaveCount(0);
  if (truth === "positive") for (const key of ["1", "2"]) await page.keyboard.press(key);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await expect(answer(page)).toBeVisible();
}

test("a reader practises by keyboard alone: fails, repeats with what was learned, passes, and only then real reading opens", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const study = studyWithPractice();
  const [account] = study.accounts;
  if (!account) throw new Error("there is no reader");
  const page = await (await browser.newContext()).newPage();
  const said = complaints(page);
  await signIn(page, account);

  // Nobody has brought any practice case: real reading waits.
  const reading = `/studies/${study.slug}/reading`;
  await page.goto(reading);
  await expect(page.getByText("has the practice cases brought in")).toBeVisible();
  await expect(page.getByText("Opens when the practice of this condition is passed.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Read next case" })).toHaveCount(0);
  await expectSound(page, said);
  await page.goto(`${reading}/case`);
  await expect(page).toHaveURL(/\/reading\/practice\/cohort-1$/);
  await expect(page.getByRole("heading", { name: "No practice cases yet" })).toBeVisible();

  const folder = await practiceFolder(drawnPractice(cases));
  await nodewise("import", "practice", folder, "--study", study.slug);
  await rm(folder, { recursive: true });
  await page.goto(reading);
  await expect(page.getByText("Practice first: 0 of 4, 75 % asked").first()).toBeVisible();
  await expectSound(page, said);
  await page.setViewportSize({ width: 1440, height: 900 });

  await page.getByRole("link", { name: "Practise" }).first().focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("4 practice cases with a known truth")).toBeVisible();
  await expectSound(page, said, ["dark"]);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.keyboard.press("Enter");

  const learned = new Map<string | null, string>();
  for (let number = 1; number <= cases; number++) {
    if (number === 1) {
      await expect(page.getByText("Practice case 1 of 4")).toBeVisible();
      await expectSound(page, said, ["dark"]);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await call(page, number, "negative");
    const told = await answer(page).innerText();
    learned.set(await picture(page), /It is (\w+)/.exec(told)?.[1]?.toLowerCase() ?? "");
    expect(told).toMatch(/0 of 3 criteria, 2 needed: Negative/);
    expect(told).toMatch(/Why P\d is what it is/);
    if (number === 1) {
      await expectSound(page, said, ["dark"]);
      await page.setViewportSize({ width: 1440, height: 900 });
    }
    await page.keyboard.press("Enter");
  }
  expect([...learned.values()].toSorted()).toEqual(["negative", "negative", "positive", "positive"]);
  await expect(page.getByText("2 of 4 right, 50 %; 75 % asked.")).toBeVisible();
  await expectSound(page, said, ["dark"]);
  await page.setViewportSize({ width: 1440, height: 900 });

  // The same cases in another round: what was learned is right.
  await page.keyboard.press("Enter");
  for (let number = 1; number <= cases; number++) {
    await expect(page.getByText(`Practice case ${number} of ${cases}`)).toBeVisible();
    await expect(answer(page)).toHaveCount(0);
    await call(page, number, learned.get(await picture(page)) ?? "");
    await expect(answer(page)).toContainText("Right");
    // Reloaded, it tells once more what the last case was, and goes on with the next.
    if (number === 2 || number === cases) {
      const told = await answer(page).innerText();
      await page.reload();
      await expect(page.getByText("Your last case, which is answered already.")).toBeVisible();
      expect(await answer(page).innerText()).toBe(told);
      await expect(page.getByText(`${number} of ${cases} answered, ${number} right.`)).toBeVisible();
    }
    await page.keyboard.press("Enter");
  }
  await expect(page.getByText("4 of 4 right, 100 % (75 % asked), in round 2.")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Passed in round 2, 100 %.")).toBeVisible();
  await expectSound(page, said);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.getByRole("link", { name: "Read next case" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("case-position")).toHaveText("Case 1 of 3");
});

test("the screen is checked before practice; what was answered elsewhere is told, and whoever was signed out meanwhile signs in", async ({
  browser,
}) => {
  test.setTimeout(300_000);
  const study = studyWithPractice(", displayCheck: { minWidth: 800, minHeight: 600 }");
  const [account] = study.accounts;
  if (!account) throw new Error("there is no reader");
  const folder = await practiceFolder(drawnPractice(cases));
  await nodewise("import", "practice", folder, "--study", study.slug);
  await rm(folder, { recursive: true });
  const room = `/studies/${study.slug}/reading/practice/cohort-1`;
  const page = await (await browser.newContext()).newPage();
  await signIn(page, account);
  await page.goto(room);
  for (let n = 1; n <= 4; n++) {
    await expect(page.getByText(`Look ${n} of 4`)).toBeVisible();
    await expect(page.getByTestId("practice-standing")).toHaveCount(0);
    await page.keyboard.press(String(await cornerOf(page)));
  }
  await expect(page.getByText("4 practice cases with a known truth")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(page.getByText("Practice case 1 of 4")).toBeVisible();

  const elsewhere = await (await browser.newContext()).newPage();
  await signIn(elsewhere, account);
  await elsewhere.goto(room);
  await call(elsewhere, 1, "negative");
  const told = await answer(elsewhere).innerText();

  // The session ends between the refusal of the read and the case that is opened then.
  await page.route(
    "**/practice.open**",
    async (route) => {
      await page.context().clearCookies();
      await route.fulfill({ response: await route.fetch({ headers: { ...route.request().headers(), cookie: "" } }) });
    },
    { times: 1 },
  );
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByLabel("Password").fill(account.password);
  await page.keyboard.press("Enter");
  await expect(page.getByText("Your last case, which is answered already.")).toBeVisible();
  expect(await answer(page).innerText()).toBe(told);
  await page.keyboard.press("Enter");
  await expect(page.getByText("Practice case 2 of 4")).toBeVisible();
  await expect(page.getByText("Nothing was saved")).toHaveCount(0);
});
