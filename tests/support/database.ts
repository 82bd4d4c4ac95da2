import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, inject } from "vitest";
import { openDoor } from "@/db/actor";

/**
 * A database of the test file's own, a copy of the migrated template, and an empty store. The process environment names both, so services
 * that open the door themselves (`server/door.ts`) use them, too.
 * @returns the URLs of the real login roles, and a door as the web login
 */
export async function freshDatabase() {
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  const admin = postgres(inject("adminUrl"), { max: 1, onnotice: () => {} });
  for (const statement of [
    `create database ${name} template template_nodewise owner nodewise_owner`,
    `revoke all on database ${name} from public`,
  ]) {
    for (let attempt = 0; ; attempt++) {
      const done = await admin.unsafe(statement).then(
        () => true,
        (error: { code?: string }) => {
          // At this moment another file is copying the template (55006), or a migration closes this database, too (XX000).
          if (!["55006", "XX000"].includes(error.code ?? "") || attempt > 100) throw error;
          return false;
        },
      );
      if (done) break;
      await new Promise((later) => setTimeout(later, 100));
    }
  }
  await admin.unsafe(`grant connect on database ${name} to nodewise_web, nodewise_worker`);
  const at = (url: string) => {
    const changed = new URL(url);
    changed.pathname = `/${name}`;
    return changed.toString();
  };
  const store = mkdtempSync(join(tmpdir(), "nodewise-store-"));
  const urls = {
    web: at(inject("webUrl")),
    worker: at(inject("workerUrl")),
    owner: at(inject("ownerUrl")),
    admin: at(inject("adminUrl")),
  };
  const actorSecret = inject("actorSecret");
  Object.assign(process.env, {
    DATABASE_URL: urls.web,
    NODEWISE_ACTOR_SECRET: actorSecret,
    NODEWISE_STORE: store,
    NEXTAUTH_SECRET: "s".repeat(64),
  });
  const door = openDoor({ url: urls.web, secret: actorSecret, max: 5 });
  afterAll(async () => {
    await door.close();
    await admin.unsafe(`drop database if exists ${name} with (force)`).catch(() => {});
    await admin.end({ timeout: 5 });
    rmSync(store, { recursive: true, force: true });
  });
  return { ...urls, name, store, actorSecret, door, withActor: door.withActor };
}
