import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { secretOfFile } from "@/scripts/cli/secret-of-file";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "nodewise-token-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const token = "0123456789abcdef0123456789ABCDEF=";
function put(text: string, mode = 0o600) {
  const file = join(folder, "token");
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

describe("the token that senders show", () => {
  test("is the word in the file", async () => {
    expect(await secretOfFile(put(`${token}\n`))).toBe(token);
    expect(await secretOfFile(put(token, 0o400))).toBe(token);
  });

  test.skipIf(process.platform === "win32")("is not read from a file that others can read", async () => {
    for (const mode of [0o640, 0o604, 0o666, 0o620])
      await expect(secretOfFile(put(token, mode))).rejects.toThrow(/readable by others.*chmod 600/);
  });

  test("is refused where it is short, two words, or has letters that a header cannot carry", async () => {
    for (const weak of ["", token.slice(2), `${token} ${token}`, `${token.slice(0, -1)}é`, "=".repeat(40)])
      await expect(secretOfFile(put(weak))).rejects.toThrow(/openssl rand -hex 32/);
  });

  test("is looked for in the file that is named", async () => {
    await expect(secretOfFile(join(folder, "nothing"))).rejects.toThrow(/nothing/);
  });
});
