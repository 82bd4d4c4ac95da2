import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { getRequestConfig } from "next-intl/server";
import { words } from "@/core/words";

/** The messages of a language: one file a namespace in `app/_messages/<language>/`. */
async function messagesOf(locale: string): Promise<Record<string, object>> {
  const folder = join(process.cwd(), "app/_messages", locale);
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json"));
  const entries = files.map(
    async (file) => [file.replace(/\.json$/, ""), JSON.parse(await readFile(join(folder, file), "utf8"))] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}

export default getRequestConfig(async () => ({
  locale: "en",
  messages: { ...(await messagesOf("en")), ...words.en },
  timeZone: "UTC",
}));
