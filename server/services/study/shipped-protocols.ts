import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { inLanguage } from "@/core/protocol/text";
import type { Locale } from "@/core/words";
import { AppError } from "@/server/errors";
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

/** @throws AppError "not_found" that lists the keys there are */
export async function shippedProtocol(key: string) {
  const all = await shippedProtocols();
  const found = all.find((candidate) => candidate.key === key);
  if (!found)
    throw new AppError("not_found", {
      key: "errors.protocol_unknown",
      values: { protocol: key, known: all.map((each) => each.key).join(", ") },
    });
  return found;
}
