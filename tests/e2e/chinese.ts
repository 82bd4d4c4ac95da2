import { readdirSync, readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { parse } from "yaml";
import { permissions } from "@/server/permissions";
import { demonstrationAccounts } from "@/server/services/demonstration/accounts";
import { expect } from "./support";

const textsIn = (value: unknown): string[] =>
  typeof value === "string" ? [value] : value && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];

/** What stays in the language in which it was given: names of people, what protocols say and the reasons that people gave. */
const given = [
  ...demonstrationAccounts.map(({ name }) => name),
  "Some nodes cannot be seen in every plane, as in the founding study (synthetic demonstration).",
  ...readdirSync("protocols").flatMap((file) => textsIn(parse(readFileSync(`protocols/${file}`, "utf8")))),
]
  .filter((text) => text.includes(" "))
  .sort((a, b) => b.length - a.length);

const namespaces = ["app/_messages/en", "core/words/en"]
  .flatMap((folder) => readdirSync(folder))
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.split(".")[0])
  .join("|");
const key = new RegExp(`\\b(?:${namespaces})\\.[a-z]\\w*(?:\\.\\w+)*`, "gi");
const latinSentence = /(?:[A-Za-z][A-Za-z'’-]*[,;:]? ){3,}[A-Za-z][A-Za-z'’-]*/;

/** The page speaks Chinese from now on, as after a click on 中文. */
export const speakChinese = (page: Page) =>
  page.context().addCookies([{ name: "locale", value: "zh", url: new URL(page.url()).origin }]);

/** Nothing on the page is left in English (but what is marked with its language, as the log of a run), and no key stands where its words should. */
export async function expectChinese(page: Page) {
  await expect(page.locator("html")).toHaveAttribute("lang", "zh");
  const shown = await page.evaluate(() => {
    const texts = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node instanceof Element)
        for (const name of ["aria-label", "title", "placeholder", "alt"]) texts.push(node.getAttribute(name) ?? "");
      else if (!node.parentElement?.closest("script, style, pre, code, textarea, body [lang]"))
        texts.push(node.textContent ?? "");
    }
    return texts.filter((text) => text.trim() !== "");
  });
  const own = shown.map((text) => given.reduce((rest, each) => rest.replaceAll(each, "…"), text));
  expect(own.filter((text) => latinSentence.test(text))).toEqual([]);
  const keys = own.flatMap((text) => text.match(key) ?? []).filter((text) => !(text in permissions));
  expect(keys).toEqual([]);
}
