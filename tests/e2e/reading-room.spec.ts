import { execFileSync } from "node:child_process";
import { type Page, test } from "@playwright/test";
import { z } from "zod";
import { complaints, expect, expectSound } from "./support";

const made = z.object({
  slug: z.string(),
  accounts: z.array(z.object({ email: z.string(), password: z.string() })).length(2),
});
type Account = z.infer<typeof made>["accounts"][number];

/** Three images a patient. */
const cases = 60;

/** Two readers, sixty cases and two conditions: of this test alone. */
const studyOfReaders = () =>
  made.parse(
    JSON.parse(
      execFileSync(
        process.execPath,
        ["--import", "tsx", "tests/e2e/make-study-of-readers.ts", "2", String(cases / 3)],
        { encoding: "utf8" },
      ),
    ),
  );

async function enter(page: Page, { email, password }: Account) {
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/studies$/);
}

const expectCase = (page: Page, number: number) =>
  expect(page.getByTestId("case-position")).toHaveText(`Case ${number} of ${cases}`);

/** Confidence, and submit: the call is the one that the rule proposes. */
async function answer(page: Page) {
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
}

/** Reads on by the keyboard until this case is in hand. */
async function readTo(page: Page, from: number, to: number) {
  for (let number = from; number < to; number++) {
    await expectCase(page, number);
    await answer(page);
  }
  await expectCase(page, to);
}

test("sixty cases are read in both conditions by keyboard alone, over a dropped line, a reload, a second tab and an ended session, and each read is stored once", async ({
  browser,
}) => {
  test.setTimeout(600_000);
  const study = studyOfReaders();
  const [first, second] = study.accounts;
  if (!first || !second) throw new Error("there are not two readers");
  const room = `/studies/${study.slug}/reading/case`;

  const context = await browser.newContext();
  const page = await context.newPage();
  await enter(page, first);
  await page.goto(room);
  await expectCase(page, 1);
  await expectSound(page, complaints(page), ["dark"]);
  await page.setViewportSize({ width: 1440, height: 900 });

  // The window of the greys, and inversion: by keys and by mouse, over bytes that stay as they came.
  const image = page.getByRole("img", { name: /^Crop of the node/ });
  const greys = page.getByTestId("window");
  await expect(greys).toContainText("as stored");
  await expect(image).toHaveCSS("filter", "none");
  await page.keyboard.press("a");
  await expect(greys).toContainText("width 128, level 128");
  await page.keyboard.press("i");
  await expect(page.getByRole("button", { name: "Invert" })).toHaveAttribute("aria-pressed", "true");
  await expect(image).toHaveCSS("filter", /url/);
  await image.hover();
  await page.mouse.down();
  await page.mouse.move(0, 0);
  await page.mouse.up();
  await expect(greys, "left is narrower, up is a lower level").toContainText(/width 1, level 0; inverted/);
  await image.dblclick();
  await expect(greys).toContainText("as stored");
  await page.keyboard.press("k");
  await expect(page.getByRole("radio", { name: /nearest neighbour/ })).toBeChecked();
  await page.keyboard.press("k");
  await expect(page.getByRole("radio", { name: /Lanczos/ })).toBeChecked();
  const drawn = page.locator("figure canvas");
  const levels = () =>
    drawn.evaluate(
      (canvas: HTMLCanvasElement) =>
        new Set(canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data).size,
    );
  await expect.poll(levels, { message: "it is drawn" }).toBeGreaterThan(20);
  await page.keyboard.press("a");

  // Keys of one's own.
  await page.keyboard.press("?");
  const map = page.getByRole("dialog", { name: "Keys" });
  await map.getByRole("button", { name: "Change the key of “Positive”: P" }).click();
  await page.keyboard.press("n");
  await expect(map.getByText("N is the key of “Negative”.")).toBeVisible();
  await page.keyboard.press("j");
  await expect(map.getByRole("button", { name: "Change the key of “Positive”: J" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(map).toBeHidden();
  await page.keyboard.press("j");
  await expect(page.getByRole("radio", { name: /Positive/ })).toBeChecked();
  await page.getByLabel(/^Reason for calling it Positive/).fill("?");
  await expect(map, "what is typed opens nothing").toBeHidden();
  await page.getByTestId("case-position").click();
  await page.keyboard.press("n");
  await expect(page.getByRole("radio", { name: /Negative/ })).toBeChecked();

  // The next case comes ahead as bytes that hold no picture, and the answer to a read brings no picture but the key.
  const ahead = page.waitForResponse((response) => response.url().endsWith("/ahead"));
  await readTo(page, 1, 2);
  await expect(greys, "each case begins as stored").toContainText("as stored");
  const sealed = await (await ahead).body();
  expect(sealed.includes("iVBOR") || sealed.includes("PNG")).toBe(false);
  const answered = page.waitForResponse((response) => response.url().includes("reading.submit"));
  await page.waitForTimeout(500);
  await answer(page);
  expect(
    (await answered).request().postData(),
    "how it was looked at goes with it, and how images are enlarged stays from case to case",
  ).toContain('"kernel":"lanczos"');
  const text = await (await answered).text();
  expect(text).toContain('"key":"');
  expect(text).not.toContain("iVBOR");
  await expect(page.getByRole("img", { name: /^Crop of the node/ }), "control: it is seen").toBeVisible();
  await readTo(page, 3, 10);
  await expect(page.getByTestId("pace")).toHaveText(/^Cohort 1 · about \d+ min left$/);

  // A dropped line.
  await context.setOffline(true);
  await answer(page);
  await expect(page.getByTestId("waiting")).toContainText("Not saved yet");
  await expectCase(page, 10);
  await context.setOffline(false);
  await readTo(page, 11, 20);

  // A page that is closed before the server answers: the read is sent when it is opened again.
  await page.route("**/api/trpc/reading.submit**", (route) => route.abort());
  await answer(page);
  await expect(page.getByTestId("waiting")).toBeVisible();
  await page.unroute("**/api/trpc/reading.submit**");
  await page.reload();
  await readTo(page, 21, 30);

  // A second tab.
  const other = await context.newPage();
  await other.goto(room);
  await expect(other.getByRole("heading", { name: "You read in another tab" })).toBeVisible();
  await other.getByRole("button", { name: "Read here instead" }).press("Enter");
  await expectCase(other, 30);
  await expect(page.getByRole("heading", { name: "You read in another tab" })).toBeVisible();
  await readTo(other, 30, 35);
  await other.close();
  await page.getByRole("button", { name: "Read here instead" }).press("Enter");
  await readTo(page, 35, 40);

  // An ended session.
  await context.clearCookies();
  await answer(page);
  await expect(page.getByRole("heading", { name: "Your session has ended" })).toBeVisible();
  await page.keyboard.type(first.password);
  await page.keyboard.press("Enter");
  await readTo(page, 41, cases);
  await answer(page);
  await expect(page.getByRole("heading", { name: "This list is complete" })).toBeVisible();

  // Its reads are signed by the keyboard, with the password.
  const toSign = page.getByRole("region", { name: "Sign your reads" });
  await expect(toSign).toContainText(`I made these ${cases} reads myself and without help. I did not know`);
  await expect(toSign).toContainText("the size of their nodes");
  await expect(toSign).toBeFocused();
  await expectSound(page, complaints(page), ["dark"]);
  await page.keyboard.press("Tab");
  await page.keyboard.type("not my password");
  await page.keyboard.press("Enter");
  await expect(toSign.getByRole("alert")).toBeVisible();
  await expect(page.getByLabel("Your password")).toHaveValue("");
  await page.keyboard.press("Tab");
  await page.keyboard.type(first.password);
  await page.keyboard.press("Enter");
  await expect(toSign).toBeHidden();
  await page.goto(room);
  await readTo(page, 1, cases);
  await answer(page);
  await expect(toSign, "the last read is stored").toBeVisible();
  await page.goto(`/studies/${study.slug}/reading`);
  await expect(page.getByText(/^Signed:/)).toHaveCount(1);
  await expect(page.getByText("One list is read to its end and waits for your signature.")).toBeVisible();
  await page.getByRole("button", { name: `Sign ${cases} reads` }).press("Enter");
  await expect(toSign).toContainText("I was shown the size of the nodes");
  await page.keyboard.press("Tab");
  await page.keyboard.type(first.password);
  await page.keyboard.press("Enter");
  await expect(page.getByText(/^Signed:/)).toHaveCount(2);

  const colleague = await (await browser.newContext()).newPage();
  await enter(colleague, second);
  for (const condition of ["hidden", "shown"]) {
    await colleague.goto(room);
    await expect(colleague.getByTestId("short-axis"), condition).toHaveText(
      condition === "hidden" ? /^hidden in/ : /mm: (\d of \d criteria needed|positive without)/,
    );
    await readTo(colleague, 1, cases);
    await answer(colleague);
    await expect(colleague.getByRole("heading", { name: "This list is complete" })).toBeVisible();
  }
  for (const reader of [page, colleague]) {
    await reader.goto(`/studies/${study.slug}/reading`);
    await expect(reader.getByText(`${cases} of ${cases}`)).toHaveCount(2);
  }
});
