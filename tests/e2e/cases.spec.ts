import { expect, expectSound, studies, test } from "./support";

const path = `/studies/${studies.locked}/analysis/cases`;

test("the list of cases is one stop of the Tab key, and its keys lead on over the end of a page", async ({ as }) => {
  const page = await as("scientist");
  await page.goto(path);
  const list = page.getByRole("region", { name: "Cases found" });
  const rows = list.getByRole("button");
  await expect(rows).toHaveCount(50);
  await page.keyboard.press("ArrowDown");
  await expect(list.locator("[aria-current=true]"), "keys elsewhere are not the list's").toHaveCount(0);

  await page.getByLabel("Order").focus();
  await page.keyboard.press("Tab");
  await expect(rows.first()).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press("Enter");
  const opened = page.getByRole("article");
  await expect(page.getByRole("status").filter({ hasText: "Opened" })).toContainText("2 of 100");
  await expect(page).toHaveURL(/\?case=[\w-]+$/);
  await page.keyboard.press("End");
  await expect(opened).toContainText("50 of 100");
  await page.keyboard.press("j");
  await expect(opened, "the first of the next page").toContainText("51 of 100");
  await expect(page).toHaveURL(/page=2&case=[\w-]+$/);
  await expect(rows.first()).toBeFocused();
  await page.keyboard.press("k");
  await expect(opened).toContainText("50 of 100");
  await expect(rows.last()).toBeFocused();

  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Close" }).focus();
  await page.keyboard.press("k");
  await expect(opened).toContainText("49 of 100");
  await expect(opened, "who is in the case stays there").toBeFocused();
  await page.reload();
  await expect(opened, "the address holds the opened case").toContainText("49 of 100");
  await page.getByRole("button", { name: "Close" }).click();
  await expect(opened).toHaveCount(0);
  await expect(rows.nth(48)).toBeFocused();
  await expect(page).toHaveURL(new RegExp(`${path}$`));
});

test("a choice that a question does not turn on hides no case, and pages are turned by touch", async ({ as }) => {
  const page = await as("pi");
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${path}?show=missed&reader=R2`);
  await page.getByLabel("Show").selectOption({ label: "Readers disagree" });
  await expect(page).toHaveURL(new RegExp(`${path}\\?show=disagreement$`));
  await expect(page.getByLabel("Reader")).toHaveValue("");
  await expect(page.getByText(/^[1-9]\d* nodes? of 100$/)).toBeVisible();

  await page.getByLabel("Show").selectOption({ label: "All cases" });
  await expect(page.getByText("100 nodes of 100")).toBeVisible();
  const rows = page.getByRole("region", { name: "Cases found" }).getByRole("button");
  await expect(rows).toHaveCount(50);
  await page.getByRole("button", { name: "Next page" }).click();
  await expect(page.getByText("Page 2 of 2")).toBeVisible();
  await rows.nth(2).click();
  const opened = page.getByRole("article");
  await expect(opened, "the case stands in the place of the list").toBeFocused();
  await expect(rows.first()).toBeHidden();
  await expect(opened).toContainText("53 of 100");
  await page.getByRole("button", { name: "Close" }).click();
  await expect(rows.nth(2)).toBeFocused();
});

test("the explorer is sound with a case opened", async ({ as }) => {
  const page = await as("scientist");
  await page.goto(`${path}?show=missed&network=right`);
  const said: string[] = [];
  page.on("console", (message) => message.type() === "error" && said.push(message.text()));
  await page.getByRole("region", { name: "Cases found" }).getByRole("button").first().click();
  await expect(page.getByRole("article")).toBeVisible();
  await expectSound(page, said);
});
