import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { inLanguage } from "@/core/protocol/text";
import type { Locale } from "@/core/words";
import { parseProtocol } from "./parse-protocol";

const folder = join(process.cwd(), "protocols");

/** The protocols that ship with the product, by key; titles in one language. */
export async function shippedProtocols(locale: Locale = "en") {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".yaml")).sort();
  return Promise.all(
    files.map(async (file) => {
      const source = await readFile(join(folder, file), "utf8");
      const { document, sha256 } = parseProtocol(source);
      const { title } = inLanguage(document, locale);
      const noWashOut = document.conditions.some((condition, index) => index > 0 && condition.washOutDays === 0);
      return { key: document.key, title, version: document.version, sha256, source, noWashOut };
    }),
  );
}
