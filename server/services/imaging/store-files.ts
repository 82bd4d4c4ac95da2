import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { sha256 } from "@/server/sha256";
import { type StoredObject, store } from "@/server/store";

/**
 * Stores files that this transaction goes on to name. To its end nobody deletes them from the store as what nothing names any more (`withdrawConsent`), as long
 * as they were those of a subject of the same study.
 */
export async function storeFiles(tx: Tx, files: readonly { png: Uint8Array }[]): Promise<StoredObject[]> {
  for (const hash of files.map(({ png }) => sha256(png)).sort()) await hold(tx, "a stored file", hash);
  return Promise.all(files.map(({ png }) => store.put(png)));
}
