import { test as base, expect, type Page } from "@playwright/test";
import { demonstrationAccounts, demonstrationPassword } from "@/server/services/demonstration/accounts";

export type Who = "pi" | "coordinator" | "r1" | "r2" | "r3" | "pathologist" | "scientist" | "monitor" | "admin";

export const studies = { locked: "demonstration-locked", running: "demonstration-running" };

/** The demonstration account of this name. */
export function account(who: Who) {
  const found = demonstrationAccounts.find(({ email }) => email.startsWith(`${who}@`));
  if (!found) throw new Error(`There is no demonstration account ${who}.`);
  return found;
}

export async function signIn(page: Page, who: Who, password = demonstrationPassword): Promise<void> {
  await page.goto("/login");
  await page.getByLabel("E-mail").fill(account(who).email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

interface Fixtures {
  /** A page of this person's own, signed in; every call with the same name gives the same page. */
  as: (who: Who) => Promise<Page>;
}

export const test = base.extend<Fixtures>({
  as: async ({ browser }, use) => {
    const pages = new Map<Who, Page>();
    await use(async (who) => {
      const known = pages.get(who);
      if (known) return known;
      const context = await browser.newContext();
      const page = await context.newPage();
      await signIn(page, who);
      await expect(page).toHaveURL(/\/studies$/);
      pages.set(who, page);
      return page;
    });
    for (const page of pages.values()) await page.context().close();
  },
});

export { expect };
