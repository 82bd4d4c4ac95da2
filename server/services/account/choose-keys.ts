import type { Tx } from "@/db/actor";
import { personSetting } from "@/db/schema";
import { AppError } from "@/server/errors";
import type { KeyChoices, KeySetting } from "@/server/schemas/account";

/**
 * Sets the keys that a person chose, in the place of those before; the database says whose they are.
 * @throws AppError "conflict" for a key that would do two things
 */
export async function chooseKeys(tx: Tx, { name, keys }: { name: KeySetting; keys: KeyChoices }): Promise<void> {
  const all = Object.values(keys).flat();
  const twice = all.find((key, at) => all.indexOf(key) < at);
  if (twice !== undefined) throw new AppError("conflict", { key: "errors.key_given_twice", values: { key: twice } });
  await tx
    .insert(personSetting)
    .values({ name, value: keys })
    .onConflictDoUpdate({ target: [personSetting.personId, personSetting.name], set: { value: keys } });
}
