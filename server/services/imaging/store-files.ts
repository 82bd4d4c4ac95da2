import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { type StoredObject, store } from "@/server/store";
import { takeNotedFiles } from "./take-noted-files";

/**
 * Stores files that this transaction goes on to name, and that an earlier one noted. To its end nobody deletes them from the store as what nothing names any
 * more (`withdrawConsent`), as long as they were those of a subject of the same study.
 * @param attempt what `noteStoring` gave
 * @throws AppError as `takeNotedFiles`
 */
export async function storeFiles(
  tx: Tx,
  attempt: string,
  files: readonly { sha256: string; bytes: Uint8Array }[],
): Promise<StoredObject[]> {
  await takeNotedFiles(tx, attempt);
  for (const { sha256 } of files.toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1)))
    await hold(tx, "a stored file", sha256);
  return Promise.all(files.map(({ bytes }) => store.put(bytes)));
}
