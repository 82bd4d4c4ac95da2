import { sql } from "drizzle-orm";
import { withActor } from "@/server/door";
import { nobody } from "./command-line-person";

export interface KnownStudy {
  id: string;
  slug: string;
  name: string;
  state: "draft" | "running" | "frozen" | "locked";
  synthetic: boolean;
  createdAt: Date;
}

/** Every study of the installation, oldest first. */
export async function everyStudy(): Promise<KnownStudy[]> {
  const rows = await withActor(nobody, (tx) =>
    tx.execute<Omit<KnownStudy, "createdAt"> & { created_at: string }>(sql`select * from nw.every_study()`),
  );
  return [...rows].map(({ created_at: createdAt, ...study }) => ({ ...study, createdAt: new Date(createdAt) }));
}
