import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { writeWhole } from "@/scripts/cli/write-whole";

const folder = await mkdtemp(join(tmpdir(), "nodewise-whole-"));
afterAll(() => rm(folder, { recursive: true }));
const path = join(folder, "report.docx");

test("a file that breaks off leaves what was there before, and nothing else; a whole one takes its place", async () => {
  await writeFile(path, "of yesterday");
  async function* broken() {
    yield Buffer.from("half");
    throw new Error("damaged");
  }
  await expect(writeWhole(path, Readable.from(broken()))).rejects.toThrow("damaged");
  expect([await readdir(folder), await readFile(path, "utf8")]).toEqual([["report.docx"], "of yesterday"]);
  await writeWhole(path, "of today");
  expect([await readdir(folder), await readFile(path, "utf8")]).toEqual([["report.docx"], "of today"]);
});

test("no command writes what it hands out in another way", async () => {
  const commands = await readdir("scripts/cli/commands");
  expect(commands.length).toBeGreaterThan(5);
  for (const name of commands)
    expect(await readFile(`scripts/cli/commands/${name}`, "utf8"), name).not.toMatch(/createWriteStream|writeFile\b/);
});
