import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { hash } from "@node-rs/argon2";
import { sql } from "drizzle-orm";
import { ensureAccounts } from "@/db/seed/accounts";
import { urlsOf } from "@/scripts/bench/product";
import { door } from "@/server/door";
import { addPatient, draw, makeStudy } from "@/tests/support/study";
import type { Account } from "./readers";

/** Works from here on with the database and files of the product that runs on a data folder, as its pages do. @returns the address of the database for its owner */
export function workIn(dataDir: string): string {
  const { owner, web, actor } = urlsOf(dataDir);
  Object.assign(process.env, {
    DATABASE_URL: web,
    NODEWISE_ACTOR_SECRET: actor,
    NODEWISE_STORE: join(dataDir, "store"),
  });
  return owner;
}

/** A study with readers who can sign in, whose schedules are drawn, in the product that runs on a data folder; `source` replaces the protocol. @returns its address and the readers */
export async function studyOfReaders(
  dataDir: string,
  { readers, patients, source }: { readers: number; patients: number; source?: string },
): Promise<{ slug: string; accounts: Account[] }> {
  const owner = workIn(dataDir);
  const study = await makeStudy({ door: door(), ownerUrl: owner, ...(source === undefined ? {} : { source }) });
  const principal = study.members.principal_investigator;
  const password = randomUUID();
  const passwordHash = await hash(password);
  // Of this study alone: an account that is there keeps its password.
  const accounts = Array.from({ length: readers }, (_, i) => ({
    email: `load-r${i}-${study.slug}@example.org`,
    password,
  }));
  const ids = await ensureAccounts(
    owner,
    accounts.map(({ email }) => ({ email, name: email, mayCreateStudies: false, passwordHash })),
  );
  for (const [i, personId] of [...ids.values()].entries())
    await door().withActor(principal, (tx) =>
      tx.execute(
        sql`insert into membership (id, study_id, person_id, role, reader_code) values (${randomUUID()}, ${study.studyId}, ${personId}, 'reader', ${`L${i}`})`,
      ),
    );
  for (let i = 1; i <= patients; i++)
    await addPatient(door(), study, { name: `Patient ${i}`, shortAxisMm: 4 + (i % 6), positive: i % 2 === 0, seed: i });
  await draw(door(), study);
  await door().close();
  return { slug: study.slug, accounts };
}
