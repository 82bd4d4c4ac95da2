import { execFile } from "node:child_process";
import { promisify } from "node:util";
import AxeBuilder from "@axe-core/playwright";
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

/** A command of the operator of the server. */
export async function nodewise(...command: string[]): Promise<void> {
  await promisify(execFile)(process.execPath, ["--import", "tsx", "scripts/cli/main.ts", ...command], {
    env: { ...process.env, NODEWISE_DATA: process.env.NODEWISE_E2E_DATA },
  });
}

/** Confirms a role, as the operator of the server does at the command line. */
export const confirmAsOperator = (study: string, who: Who, role: string): Promise<void> =>
  nodewise("member", "confirm", "--study", study, "--email", account(who).email, "--role", role);

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

/** What the browser complains about while a page is open. */
export function complaints(page: Page): string[] {
  const said: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") said.push(message.text());
  });
  page.on("pageerror", (error) => said.push(error.message));
  return said;
}

/** Looks at the page as it stands, wide and narrow, light and dark. */
export async function expectSound(
  page: Page,
  said: readonly string[],
  schemes: readonly ("light" | "dark")[] = ["light", "dark"],
) {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
      .analyze();
    const found = violations.map(
      ({ id, nodes }) => `${colorScheme} ${id}: ${nodes.map((node) => node.html).join("; ")}`,
    );
    expect(found).toEqual([]);
  }
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    // A chart follows its width in the frame after: the page is looked at once it has settled.
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), {
        message: `sideways scrolling at ${width} px`,
      })
      .toBeLessThanOrEqual(0);
  }
  expect(said).toEqual([]);
}

export { expect };
