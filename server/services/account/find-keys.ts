import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { personSetting } from "@/db/schema";
import { type KeyChoices, type KeySetting, keyChoices } from "@/server/schemas/account";

/** The keys that a person chose for what the pages do; none: those of the page. What is stored and cannot be read counts as none. */
export async function findKeys(
  tx: Tx,
  { personId }: { personId: string },
  { name }: { name: KeySetting },
): Promise<KeyChoices> {
  const [found] = await tx
    .select({ value: personSetting.value })
    .from(personSetting)
    .where(and(eq(personSetting.personId, personId), eq(personSetting.name, name)));
  const read = keyChoices.safeParse(found?.value ?? {});
  return read.success ? read.data : {};
}
