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

/** Screens a patient of the study at this path, who meets every criterion or is excluded; with an exam on this day, where one is known. */
export async function screen(
  page: Page,
  path: string,
  {
    name,
    hospitalNumber,
    excluded,
    examOn,
  }: { name: string; hospitalNumber: string; excluded: boolean; examOn?: string },
) {
  await page.goto(`${path}/enrolment/screen`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Hospital number").fill(hospitalNumber);
  if (examOn) {
    await page.getByLabel("MRI performed on").fill(examOn);
    await page.getByLabel("Scanner").fill("1.5 T");
  }
  for (const criterion of await page.getByRole("group").all()) {
    const exclusion = /Radiotherapy|Poor tolerance|Unsatisfactory/.test(await criterion.innerText());
    const answer = exclusion && !excluded ? "Not met" : "Met";
    await criterion.getByText(answer, { exact: true }).click();
  }
  await expect(page.getByTestId("verdict")).toContainText(excluded ? "Not eligible" : "Eligible");
  await page.getByRole("button", { name: "Save screening" }).click();
  await expect(page.getByRole("heading", { name: /^Subject / })).toBeVisible();
}

/** Enrols the patient whose page is open. */
export async function enrol(page: Page) {
  await page.getByLabel("Consent signed on").fill("2026-01-05");
  await page.getByLabel("Version of the consent form").fill("1.0");
  await page.getByLabel("Sex").selectOption("female");
  await page.getByLabel("Age at MRI").fill("61");
  await page.getByLabel("Clinical T stage").selectOption("T3");
  await page.getByLabel("MRI performed on").fill("2026-01-06");
  await page.getByLabel("Scanner").fill("3 T");
  await page.getByRole("button", { name: "Enrol patient" }).click();
  await expect(page.getByText("signed 2026-01-05, form 1.0")).toBeVisible();
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

/** Adds somebody with an account to the study whose Admin page is open. */
export async function addMember(page: Page, who: Who, role: string): Promise<void> {
  await page.getByRole("button", { name: "Add member" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill(account(who).email);
  await dialog.getByLabel("Role").selectOption(role);
  await dialog.getByRole("button", { name: "Add member" }).click();
  await expect(dialog).toBeHidden();
}

/** Waits until letters were looked for in the images of an exam, whose page is open and says how far that is. */
export async function lookedAt(page: Page): Promise<void> {
  await page.reload();
  await expect(page.getByText(/images looked at for letters$/)).toHaveCount(0, { timeout: 240_000 });
}

/** A study of its own, by the demonstration's protocol, with these people in it; answers with the path of its pages. */
export async function studyWith(
  pi: Page,
  { name, site, members }: { name: string; site: string; members: readonly (readonly [who: Who, role: string])[] },
): Promise<string> {
  await pi.goto("/studies/new");
  await pi.getByLabel("Protocol").selectOption("demonstration");
  await pi.getByLabel("Name of the study").fill(name);
  await pi.getByLabel("Hospital or centre").fill(site);
  await pi.getByRole("button", { name: "Create study" }).click();
  await expect(pi.getByRole("heading", { name })).toBeVisible();
  const path = new URL(pi.url()).pathname;
  await pi.goto(`${path}/admin`);
  for (const [who, role] of members) {
    await addMember(pi, who, role);
    if (role === "coordinator") await confirmAsOperator(path.replace("/studies/", ""), who, role);
  }
  return path;
}

/** The corner, 1 to 4, in which the square of a display check stands. */
export async function cornerOf(page: Page): Promise<number> {
  const square = await page.getByTestId("square").boundingBox();
  const field = await page.getByRole("group").first().boundingBox();
  if (!square || !field) throw new Error("there is no square");
  const isRight = square.x > field.x + field.width / 2 - square.width / 2;
  const isLow = square.y > field.y + field.height / 2 - square.height / 2;
  return 1 + (isRight ? 1 : 0) + (isLow ? 2 : 0);
}
