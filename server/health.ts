import { setTimeout as wait } from "node:timers/promises";
import { sql } from "drizzle-orm";
import { signInActor, withActor } from "@/server/door";

/** A database that takes longer than this to say one word serves nobody. */
const patienceMilliseconds = 2_000;

/** Whether the database answers, under a signed claim as every request does. */
export async function databaseAnswers(): Promise<boolean> {
  const answered = withActor(signInActor, (tx) => tx.execute(sql`select 1`)).then(
    () => true,
    () => false,
  );
  return Promise.race([answered, wait(patienceMilliseconds, false)]);
}
