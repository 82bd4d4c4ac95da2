import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { freshDataDir } from "@/scripts/bench/product";

/** Runs a program to its end. */
function run(args: string[], options: { cwd?: string; env?: Record<string, string> } = {}) {
  return new Promise<{ code: number | null; printed: string }>((done) => {
    const child: ChildProcess = spawn(process.execPath, args, {
      ...options,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (data: Buffer) => {
        printed += data;
      });
    child.once("close", (code) => done({ code, printed }));
  });
}

test("web, worker and Postgres are killed under eight submitting readers: all come back, no read is lost, none stands twice", async () => {
  test.setTimeout(600_000);
  // `npm run load` does this ten times and by the clock.
  const { code, printed } = await run(["--import", "tsx", "tests/load/main.ts", "1", "60"]);
  expect(printed).toMatch(/[1-9]\d* reads acknowledged, 0 lost, 0 doubled/);
  expect(code, printed).toBe(0);
});

test("a start whose pages cannot be built says why and leaves nothing running", async () => {
  test.setTimeout(300_000);
  const { dataDir, remove } = freshDataDir();
  const project = mkdtempSync(join(tmpdir(), "nodewise-broken-"));
  for (const name of readdirSync(".").filter((each) => !["scripts", "next.config.js", ".next", ".git"].includes(each)))
    symlinkSync(join(process.cwd(), name), join(project, name));
  cpSync("scripts", join(project, "scripts"), { recursive: true });
  // It breaks once Postgres runs.
  writeFileSync(
    join(project, "next.config.js"),
    `import { existsSync } from "node:fs";
    import { setTimeout as wait } from "node:timers/promises";
    while (!existsSync(${JSON.stringify(join(dataDir, "keeper.pid"))})) await wait(50);
    throw new Error("this build is broken");\n`,
  );
  const { code, printed } = await run(["scripts/start.mjs"], {
    cwd: project,
    env: { NODEWISE_DATA: dataDir, PORT: "4791" },
  });
  expect(printed).toContain("this build is broken");
  expect(code).toBe(1);
  for (const left of ["keeper.pid", "postgres/postmaster.pid"])
    expect(existsSync(join(dataDir, left)), `${left} is left. ${printed}`).toBe(false);
  rmSync(project, { recursive: true, force: true });
  remove();
});

test("a start on a port that is taken says so and begins nothing", async () => {
  const { dataDir, remove } = freshDataDir();
  const holder = createServer();
  await new Promise<void>((done) => holder.listen(0, "127.0.0.1", done));
  const address = holder.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const { code, printed } = await run(["scripts/start.mjs"], { env: { NODEWISE_DATA: dataDir, PORT: String(port) } });
  expect(printed).toContain(`Port ${port} is in use`);
  expect(code).toBe(1);
  expect(readdirSync(dataDir)).toEqual([]);
  holder.close();
  remove();
});
