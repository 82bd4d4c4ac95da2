import { userInfo } from "node:os";
import { sql } from "drizzle-orm";
import { commandLineActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";

/** The user of the operating system that runs this process, by name where it has one. */
function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.()}`;
  }
}

/**
 * The person that records made by the command line name, one for each user of the operating system; made at its first use. It may create studies
 * and cannot sign in.
 */
export async function commandLinePerson(): Promise<string> {
  return withActor(commandLineActor, async (tx) => {
    const [row] = await tx.execute<{ id: string }>(sql`select nw.command_line(${osUser()}) as id`);
    if (!row) throw new AppError("unavailable", { key: "errors.no_command_line_person" });
    return row.id;
  });
}
