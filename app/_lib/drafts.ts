const prefix = "nodewise-read-";

/** What the keys of a person's reads in the making begin with: they lie in this tab alone. */
export const draftsOf = (email: string) => `${prefix}${email}-`;

/** Takes the reads in the making out of this tab, but for those whose keys begin so. */
export function forgetDrafts(kept?: string): void {
  for (const key of Object.keys(sessionStorage))
    if (key.startsWith(prefix) && !(kept && key.startsWith(kept))) sessionStorage.removeItem(key);
}
