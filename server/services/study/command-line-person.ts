import { sql } from "drizzle-orm";
import { commandLineActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** The person that records made by the command line name; made at its first use. It may create studies and cannot sign in. */
export async function commandLinePerson(): Promise<string> {
  return withActor(commandLineActor, async (tx) => {
    const [row] = await tx.execute<{ id: string }>(sql`select nw.command_line() as id`);
    if (!row) throw new AppError("unavailable", { key: "errors.no_command_line_person" });
    return row.id;
  });
}
