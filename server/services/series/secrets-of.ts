import { sql } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { digestUnder } from "./digest-under";

/** By what a subject's images are de-identified. */
export interface Secrets {
  /** Secret of the study: UIDs are hashed under it. */
  key: Buffer;
  /** What that key makes of something: the same of the same, and nobody without the key can try what it was of. */
  digest: (of: string) => string;
  /** Days by which the subject's dates are moved. */
  offsetDays: number;
}

/** Undefined for a subject that this role does not see. */
export async function secretsOf(tx: Tx, subjectId: string): Promise<Secrets | undefined> {
  const [secrets] = await tx.execute<{ key: string; days: number }>(
    sql`select key, days from nw.deidentification(${subjectId})`,
  );
  if (!secrets) return undefined;
  const key = Buffer.from(secrets.key, "hex");
  return { key, digest: digestUnder(key), offsetDays: secrets.days };
}
