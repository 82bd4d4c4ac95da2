import type { KeyBook } from "./keys";
import { useKeyDown } from "./use-key-down";
import { useKeys } from "./use-keys";

/** Hears the key of a deed as long as the component is there. */
export function useDeed<Deed extends string>(book: KeyBook<Deed>, deed: Deed, act: () => void): void {
  const keys = useKeys(book);
  useKeyDown((event) => {
    // A key that is held does a thing once.
    if (!event.repeat && book.deedOfKey(event, keys) === deed) act();
  });
}
