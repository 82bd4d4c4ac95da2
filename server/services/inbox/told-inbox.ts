import { sql } from "drizzle-orm";
import { type StudyActor, withActor } from "@/server/door";

/** Whom images say they are of that wait. */
export interface ToldInbox {
  inboxId: string;
  /** As DICOM has it. */
  name: string;
  hospitalNumber: string;
  /** YYYY-MM-DD, or empty. */
  birthDate: string;
  /** As the images have it. */
  studyDate: string;
  /** Days by which their dates were moved. */
  days: number;
}

/** What waits where this actor works. That somebody looks is written down first, and told is it to a later transaction (`nw.inbox()`): manages its own. */
export async function toldInbox(actor: StudyActor): Promise<ToldInbox[]> {
  if (actor.role === "coordinator") await withActor(actor, (tx) => tx.execute(sql`select nw.look_at_inbox()`));
  const rows = await withActor(actor, (tx) =>
    tx.execute<
      Record<"inbox_id" | "name" | "hospital_number" | "birth_date" | "study_date", string> & { days: number }
    >(sql`select * from nw.inbox()`),
  );
  return rows.map((row) => ({
    ...{ inboxId: row.inbox_id, name: row.name, hospitalNumber: row.hospital_number },
    ...{ birthDate: row.birth_date, studyDate: row.study_date, days: row.days },
  }));
}
