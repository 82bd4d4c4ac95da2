import { complaints, expect, expectSound, test } from "./support";

const chosen = "a sentence of my own";

test("an administrator adds a person, who chooses a password before anything else opens; a link sets another, once", async ({
  as,
  browser,
}) => {
  const admin = await as("admin");
  await admin.goto("/accounts");
  await admin.getByRole("button", { name: "Add account" }).click();
  const email = `new-${Date.now()}@example.org`;
  await admin.getByLabel("Name", { exact: true }).fill("Newcomer");
  await admin.getByLabel("E-mail").fill(email);
  await admin.getByRole("dialog").getByRole("button", { name: "Add account" }).press("Enter");
  const shown = await admin.getByRole("dialog").getByRole("note").textContent();
  const [, first = ""] = shown?.match(/only now: (\S+)/) ?? [];
  await admin.getByRole("button", { name: "Cancel" }).click();

  const context = await browser.newContext();
  const page = await context.newPage();
  const said = complaints(page);
  const signIn = async (password: string) => {
    await page.goto("/login");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  };
  await signIn(first);
  await expect(page.getByRole("heading", { name: "Choose your own password" })).toBeVisible();
  await page.goto("/studies");
  await expect(page, "nothing else opens").toHaveURL(/\/account$/);
  await expectSound(page, said);
  await page.getByLabel("Present password").fill(first);
  await page.getByLabel("New password").fill(chosen);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/studies$/);
  await page.goto("/account");
  await expect(page.getByText("this browser")).toBeVisible();
  await expect(page.getByRole("link", { name: "Accounts" }), "for administrators").toHaveCount(0);

  await admin.getByRole("button", { name: "New password: Newcomer" }).click();
  const link = await admin.getByLabel("Link", { exact: true }).inputValue();
  await admin.getByRole("button", { name: "Cancel" }).click();
  const elsewhere = await context.newPage();
  await elsewhere.goto(link);
  await expectSound(elsewhere, complaints(elsewhere));
  await elsewhere.getByLabel("New password").fill(`${chosen}, again`);
  await elsewhere.getByRole("button", { name: "Set password" }).click();
  await expect(elsewhere.getByText(`The password of ${email} is set`)).toBeVisible();
  await page.goto("/studies");
  await expect(page, "every session before it has ended").toHaveURL(/\/login$/);
  await elsewhere.goto(link);
  await elsewhere.reload();
  await elsewhere.getByLabel("New password").fill(chosen);
  await elsewhere.getByRole("button", { name: "Set password" }).click();
  await expect(elsewhere.getByText("This link was used")).toBeVisible();

  await signIn(`${chosen}, again`);
  await expect(page).toHaveURL(/\/studies$/);
  await admin.getByRole("button", { name: "Close: Newcomer" }).click();
  await expect(admin.getByRole("button", { name: "Open again: Newcomer" })).toBeVisible();
  await page.goto("/studies");
  await expect(page, "a closed account is out").toHaveURL(/\/login$/);
  await admin.reload();
  for (const deed of ["Account made", "Password changed", "Link to a new password made", "Account closed"])
    await expect(admin.getByText(deed).first()).toBeVisible();
  await context.close();
});

test("beside a study that is no demonstration every page has a red line, on paper as well", async ({ as, browser }) => {
  const pi = await as("pi");
  await pi.goto("/studies/new");
  await pi.getByLabel("Name of the study").fill(`A real study ${Date.now()}`);
  await pi.getByLabel("Hospital or centre").fill("Here");
  await pi.getByRole("button", { name: "Create study" }).click();
  await expect(pi).toHaveURL(/\/studies\/a-real-study-/);
  const said = complaints(pi);
  for (const path of ["/studies", "/account", "/studies/demonstration-running"]) {
    await pi.goto(path);
    await expect(pi.getByText(/^Demonstration accounts, whose password everybody knows/), path).toBeVisible();
  }
  await expectSound(pi, said);
  await pi.emulateMedia({ media: "print" });
  await expect(pi.getByText(/^Demonstration accounts, whose password everybody knows/)).toBeVisible();
  const stranger = await (await browser.newContext()).newPage();
  await stranger.goto("/login");
  await expect(stranger.getByText(/^Demonstration accounts, whose password everybody knows/)).toBeVisible();
  await stranger.context().close();
});
