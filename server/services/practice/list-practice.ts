import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import type { PracticeProgress } from "@/server/schemas/practice";
import { studyProtocol } from "@/server/services/study/study-protocol";

const rows = z.array(
  z.object({
    reader_code: z.string(),
    condition_key: z.string(),
    rounds: z.int(),
    passed_round: z.int().nullable(),
    correct: z.int().nullable(),
    total: z.int().nullable(),
    begun: z.boolean(),
  }),
);
const size = z.tuple([z.object({ cases: z.int() })]);

/** How practice ended for each reader, for whoever follows the reading: in which round it was passed and with which share; no call. */
export async function listPractice(tx: Tx, actor: StudyActor): Promise<PracticeProgress> {
  const { document } = await studyProtocol(tx, actor);
  const passMark = document.reading.practice?.passMark ?? null;
  const [{ cases }] = size.parse([...(await tx.execute(sql`select nw.practice_size() as cases`))]);
  const found = rows.parse([...(await tx.execute(sql`select * from nw.practice_progress()`))]);
  const labels = new Map(document.conditions.map(({ key, label }) => [key, label]));
  return {
    passMark,
    cases,
    readers: found.map(({ reader_code, condition_key, rounds, passed_round: round, correct, total, begun }) => ({
      readerCode: reader_code,
      condition: labels.get(condition_key) ?? condition_key,
      rounds,
      passed: round === null || correct === null || total === null ? null : { round, correct, total },
      begun,
    })),
  };
}
