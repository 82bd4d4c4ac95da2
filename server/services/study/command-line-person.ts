import { sql } from "drizzle-orm";
import type { Actor } from "@/db/actor";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** The command line, before it is anybody. */
export const nobody: Actor = { role: "importer", personId: null, studyId: null, siteId: null, membershipId: null };

/** The person that records made by the command line name; made at its first use. It may create studies and cannot sign in. */
export async function commandLinePerson(): Promise<string> {
  return withActor(nobody, async (tx) => {
    const [row] = await tx.execute<{ id: string }>(sql`select nw.command_line() as id`);
    if (!row) throw new AppError("unavailable", { key: "errors.no_command_line_person" });
    return row.id;
  });
}
