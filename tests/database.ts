import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "@/db/embedded";
import { migrate } from "@/db/migrate";

declare module "vitest" {
  export interface ProvidedContext {
    adminUrl: string;
    webUrl: string;
    workerUrl: string;
    ownerUrl: string;
    actorSecret: string;
  }
}

/** One Postgres for the run, with one migrated database that every test file copies (`tests/support/database.ts`). */
export default async function setup(project: TestProject) {
  const dataDir = mkdtempSync(join(tmpdir(), "nodewise-test-"));
  chmodSync(dataDir, 0o755);
  const server = await startEmbedded({ dataDir, flags: ["-c", "fsync=off", "-c", "max_connections=200"] });
  const { owner, web, worker, actor } = server.secrets;
  const urls = await migrate({
    adminUrl: server.adminUrl,
    passwords: { owner, web, worker },
    actorSecret: actor,
    database: "template_nodewise",
  });
  project.provide("adminUrl", server.adminUrl);
  project.provide("webUrl", urls.web);
  project.provide("workerUrl", urls.worker);
  project.provide("ownerUrl", urls.owner);
  project.provide("actorSecret", actor);
  return async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
