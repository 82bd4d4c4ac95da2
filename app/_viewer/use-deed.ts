import { useEffect, useEffectEvent } from "react";
import { type Deed, deedOfKey } from "./keys";
import { useKeys } from "./use-keys";

/** Hears the key of a deed as long as the component is there. (Keys that change an image are heard by the stage.) */
export function useDeed(deed: Deed, act: () => void): void {
  const keys = useKeys();
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    // A key that is held does a thing once.
    if (!event.repeat && deedOfKey(event, keys) === deed) act();
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
}
