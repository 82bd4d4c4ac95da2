import { sql } from "drizzle-orm";
import { z } from "zod";
import type { SeenLetters } from "@/db/schema";
import { signInActor, withActor } from "@/server/door";
import { joinBoxes } from "./join-boxes";

/*
 * The worker's words with the database (`db/functions/look.sql`): which file is looked at next, that somebody is at it, and what was seen.
 */

const worker = { ...signInActor, role: "worker" } as const;

/** Seconds without a sign of its worker after which a file is looked at by another. */
const silentSeconds = 12;

const taken = z.array(
  z.object({ study_id: z.string(), instance_id: z.string(), sha256: z.string(), attempts: z.int() }),
);

/** A file that this worker has taken. */
export interface TakenLook {
  studyId: string;
  instanceId: string;
  sha256: string;
  /** Above 1: whoever was at it before died of it, failed at it or gave no sign any more. */
  attempts: number;
}

/** Images of before letters were looked for are looked at, too. @returns how many these are */
export async function askForOlderLooks(): Promise<number> {
  const [answer] = await withActor(worker, (tx) =>
    tx.execute<{ asked: number }>(sql`select nw.ask_for_older_looks() as asked`),
  );
  return answer?.asked ?? 0;
}

/** Whether there is a file to take. */
export async function isThereToLook(): Promise<boolean> {
  const rows = await withActor(worker, (tx) => tx.execute(sql`select 1 from nw.image_to_look_at(${silentSeconds})`));
  return rows.length > 0;
}

export async function takeLook(): Promise<TakenLook | null> {
  const rows = await withActor(worker, (tx) =>
    tx.execute(sql`select * from nw.take_image_to_look_at(${silentSeconds})`),
  );
  const [row] = taken.parse([...rows]);
  return row
    ? { studyId: row.study_id, instanceId: row.instance_id, sha256: row.sha256, attempts: row.attempts }
    : null;
}

export async function keepLook({ studyId, instanceId, sha256 }: TakenLook): Promise<void> {
  await withActor({ ...worker, studyId }, (tx) => tx.execute(sql`select nw.keep_look(${instanceId}, ${sha256})`));
}

/** Gives a file back at which nobody was for a fault of its own: it can be taken at once, and the attempt does not count. */
export async function giveLookBack({ studyId, instanceId, sha256, attempts }: TakenLook): Promise<void> {
  await withActor({ ...worker, studyId }, (tx) =>
    tx.execute(sql`select nw.give_look_back(${instanceId}, ${sha256}, ${attempts})`),
  );
}

/** @param seen.method null where the file could not be looked at @returns why the image is held now, if it is */
export async function noteLook(
  { studyId, instanceId, sha256 }: TakenLook,
  { method, letters }: { method: string | null; letters: readonly SeenLetters[] },
): Promise<string | null> {
  const boxes = JSON.stringify(joinBoxes(letters.map(({ box }) => box)));
  const [answer] = await withActor({ ...worker, studyId }, (tx) =>
    tx.execute<{ held: string | null }>(
      sql`select nw.note_look(${instanceId}, ${sha256}, ${method}, ${JSON.stringify(letters)}::jsonb, ${boxes}::jsonb) as held`,
    ),
  );
  return answer?.held ?? null;
}
