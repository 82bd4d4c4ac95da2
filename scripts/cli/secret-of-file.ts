import { open } from "node:fs/promises";
import { AppError } from "@/server/errors";
import { unreadable } from "./run-command";

/**
 * The token in a file, for the header Authorization: Bearer.
 * @throws AppError where others than its owner can read the file, or the token could be guessed or not be sent
 */
export async function secretOfFile(file: string): Promise<string> {
  const handle = await open(file).catch(unreadable(file));
  try {
    const { mode } = await handle.stat();
    // Windows tells nothing of it.
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw new AppError("invalid", { key: "errors.token_open", values: { file } });
    const token = (await handle.readFile("utf8").catch(unreadable(file))).trim();
    if (!/^[\w\-.~+/]{32,}=*$/.test(token))
      throw new AppError("invalid", { key: "errors.token_weak", values: { file } });
    return token;
  } finally {
    await handle.close();
  }
}
