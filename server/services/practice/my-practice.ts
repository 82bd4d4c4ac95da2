import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { PracticeStanding } from "@/server/schemas/practice";
import { studyProtocol } from "@/server/services/study/study-protocol";

const rows = z.array(
  z.object({
    condition_key: z.string(),
    pass_mark: z.coerce.number(),
    cases: z.int(),
    round: z.int(),
    total: z.int(),
    done: z.int(),
    correct: z.int(),
    passed_round: z.int().nullable(),
    begun: z.boolean(),
  }),
);

/** How a reader stands in each condition that asks for practice; none after the lock. */
export async function myPractice(tx: Tx, actor: StudyActor): Promise<PracticeStanding[]> {
  const found = rows.parse([...(await tx.execute(sql`select * from nw.my_practice()`))]);
  if (found.length === 0) return [];
  const { document } = await studyProtocol(tx, actor);
  return found.flatMap(({ condition_key, pass_mark, passed_round, ...standing }) =>
    document.conditions
      .filter(({ key }) => key === condition_key)
      .map(({ key, label, shows }) => ({
        condition: { key, label, shows },
        passMark: pass_mark,
        passedRound: passed_round,
        ...standing,
      })),
  );
}
