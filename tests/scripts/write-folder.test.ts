import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeFolder } from "@/scripts/cli/write-folder";

const base = await mkdtemp(join(tmpdir(), "nodewise-folder-"));
afterAll(() => rm(base, { recursive: true }));

test("a folder is there once it is whole, with those above it, and a file is written once", async () => {
  const path = join(base, "new", "images");
  const filled = await writeFolder(path, async (put) => {
    await put("a/b/c.txt", "deep");
    expect(await readdir(join(base, "new"))).not.toContain("images");
    await expect(put("a/b/c.txt", "again")).rejects.toThrow("EEXIST");
    return "filled";
  });
  expect([filled, await readFile(join(path, "a/b/c.txt"), "utf8")]).toEqual(["filled", "deep"]);
  expect(await readdir(join(base, "new"))).toEqual(["images"]);
});

test("where a file is, or a folder with something in it, nothing is written", async () => {
  const path = join(base, "taken");
  await writeFile(path, "mine");
  await expect(writeFolder(path, async () => {})).rejects.toMatchObject({ code: "conflict" });
  expect(await readFile(path, "utf8")).toBe("mine");
  await expect(writeFolder(base, async () => {})).rejects.toMatchObject({ code: "conflict" });
});

test("a command that is interrupted leaves no half of a folder", async () => {
  const path = join(base, "half");
  const program = (end: string) =>
    `import { writeFolder } from "./scripts/cli/write-folder.ts";
     await writeFolder(${JSON.stringify(path)}, async (put) => { await put("a/b.txt", "half"); ${end} });`;
  const ended = (end: string) =>
    new Promise((done) =>
      execFile(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program(end)], (error) =>
        done(error ? error.code : 0),
      ),
    );
  const before = await readdir(base);
  expect(await ended("process.exit(130);")).toBe(130);
  expect(await readdir(base)).toEqual(before);
  expect([await ended(""), await readdir(path)], "control").toEqual([0, ["a"]]);
});
