import { sql } from "drizzle-orm";
import { commandLineActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";

interface WhoIsHere {
  /** There is a demonstration. */
  demonstration: boolean;
  /** Accounts of it are open. */
  open: boolean;
  /** Somebody who is not of the demonstration administers accounts. */
  administrator: boolean;
}

/** What the start asks before it makes a demonstration, and before it says how the first administrator is made. */
export async function whoIsHere(): Promise<WhoIsHere> {
  const [row] = await withActor(commandLineActor, (tx) =>
    tx.execute<WhoIsHere & Record<string, unknown>>(sql`select * from nw.who_is_here()`),
  );
  if (!row) throw new AppError("unavailable", { key: "errors.unavailable" });
  return row;
}
