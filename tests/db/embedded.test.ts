import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, describe, expect, it } from "vitest";
import { closedFolder, startEmbedded } from "@/db/embedded";

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

describe("the built-in Postgres", () => {
  it("that is killed outright runs again on its port, with what was committed, and can be stopped at any moment", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "nodewise-killed-"));
    chmodSync(dataDir, 0o755);
    const server = await startEmbedded({ dataDir });
    const postmaster = () => Number(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
    const ask = async (statement: string) => {
      const sql = postgres(server.adminUrl, { max: 1, connect_timeout: 2, onnotice: () => {} });
      return sql.unsafe(statement).finally(() => sql.end({ timeout: 1 }));
    };
    try {
      await ask("create table kept as select 1 as n");
      const before = postmaster();
      process.kill(before, "SIGKILL");
      await expect.poll(() => ask("select n from kept").catch(() => null), { timeout: 30_000 }).toEqual([{ n: 1 }]);
      expect(postmaster()).not.toBe(before);
      process.kill(postmaster(), "SIGKILL");
    } finally {
      await server.stop();
    }
    expect(existsSync(join(dataDir, "keeper.pid"))).toBe(false);
    await expect(ask("select 1")).rejects.toThrow();
    rmSync(dataDir, { recursive: true, force: true });
  });
});
