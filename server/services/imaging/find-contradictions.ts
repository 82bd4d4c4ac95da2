import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { Contradiction } from "@/server/schemas/leakage";
import { noteLook } from "@/server/services/model/note-look";

/**
 * Images of the study that are the same picture and stand for opposite truths: before the lock for whoever sees truth, after it for the investigator, too
 * (`nw.contradictions()`), whose look at truths is written down where there are any. Nearly the same pictures are those that were found when they came.
 * @returns nothing for a role that may not know them yet
 */
export async function findContradictions(tx: Tx, actor: StudyActor): Promise<Contradiction[]> {
  const rows = await tx.execute<{
    subject: string;
    node: string;
    plane: string;
    other_subject: string;
    other_node: string;
    other_plane: string;
    identical: boolean;
  }>(sql`select * from nw.contradictions()`);
  if (actor.role === "principal_investigator" && rows.length > 0) await noteLook(tx, actor);
  return rows.map(({ subject, node, plane, other_subject, other_node, other_plane, identical }) => ({
    first: { subject, node, plane },
    second: { subject: other_subject, node: other_node, plane: other_plane },
    identical,
  }));
}
