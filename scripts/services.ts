import { join, resolve } from "node:path";
import { startEmbedded } from "@/db/embedded";
import { migrate } from "@/db/migrate";
import { storePlaceOf } from "@/server/env";
import { checkStore, openStore } from "@/server/store";

/** Where the built-in services keep their data. */
export const dataDir = (): string => resolve(process.env.NODEWISE_DATA ?? ".data");

/**
 * Starts what the web and worker processes stand on and returns their environments: the built-in Postgres and the local store,
 * or, when DATABASE_URL is set, the services it names (then DATABASE_ADMIN_URL migrates; without it, migration is left to whoever has it).
 */
export async function startServices({ flags }: { flags?: readonly string[] } = {}) {
  if (process.env.DATABASE_URL) {
    const web = { DATABASE_URL: process.env.DATABASE_URL };
    const worker = { DATABASE_URL: process.env.DATABASE_WORKER_URL ?? "" };
    const { DATABASE_ADMIN_URL: adminUrl, NODEWISE_ACTOR_SECRET: actorSecret } = process.env;
    if (!worker.DATABASE_URL)
      throw new Error("DATABASE_URL is set, DATABASE_WORKER_URL is not: give the URL of the login nodewise_worker.");
    if (adminUrl && actorSecret) {
      const passwordOf = (url: string) => decodeURIComponent(new URL(url).password);
      const database = new URL(web.DATABASE_URL).pathname.slice(1);
      const owner = process.env.NODEWISE_OWNER_PASSWORD;
      if (!owner)
        throw new Error(
          "DATABASE_ADMIN_URL is set, NODEWISE_OWNER_PASSWORD is not: choose a password for the login nodewise_owner.",
        );
      await migrate({
        adminUrl,
        actorSecret,
        database,
        passwords: { owner, web: passwordOf(web.DATABASE_URL), worker: passwordOf(worker.DATABASE_URL) },
      });
    }
    await checkStore(await openStore(storePlaceOf(process.env.NODEWISE_STORE)));
    return { web, worker, ownerUrl: null, stop: async () => {} };
  }
  const folder = dataDir();
  const server = await startEmbedded({ dataDir: folder, ...(flags && { flags }) });
  try {
    const { owner, web, worker, actor, session } = server.secrets;
    const urls = await migrate({ adminUrl: server.adminUrl, passwords: { owner, web, worker }, actorSecret: actor });
    const store = process.env.NODEWISE_STORE ?? join(folder, "store");
    await checkStore(await openStore(storePlaceOf(store)));
    const common = { NODEWISE_ACTOR_SECRET: actor, NODEWISE_STORE: store };
    return {
      web: { ...common, DATABASE_URL: urls.web, NEXTAUTH_SECRET: session },
      worker: { ...common, DATABASE_URL: urls.worker },
      ownerUrl: urls.owner,
      stop: server.stop,
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
