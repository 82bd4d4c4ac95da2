import { sql } from "drizzle-orm";
import { commandLineActor, withActor } from "@/server/door";
import type { KnownStudy } from "@/server/schemas/study";

/** Every study of the installation, oldest first. */
export async function everyStudy(): Promise<KnownStudy[]> {
  const rows = await withActor(commandLineActor, (tx) =>
    tx.execute<Omit<KnownStudy, "createdAt"> & { created_at: string }>(sql`select * from nw.every_study()`),
  );
  return [...rows].map(({ created_at: createdAt, ...study }) => ({ ...study, createdAt: new Date(createdAt) }));
}
