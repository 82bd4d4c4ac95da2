import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { closedFolder } from "@/db/embedded";

const folder = mkdtempSync(join(tmpdir(), "nodewise-closed-"));
const program = join(folder, "program");
mkdirSync(program);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a folder that Postgres, as a user of its own, cannot pass through", () => {
  it("is named before the start", () => {
    chmodSync(folder, 0o700);
    expect(closedFolder(program)).toBe(folder);
  });

  it("is no longer named once it is open", () => {
    chmodSync(folder, 0o755);
    expect(closedFolder(program)).not.toBe(folder);
  });
});
