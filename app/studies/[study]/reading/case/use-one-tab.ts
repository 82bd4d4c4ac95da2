import { useCallback, useEffect, useRef, useState } from "react";

/** Milliseconds after which whoever does not get the lock takes it to be another tab's. */
const patienceMs = 300;

/**
 * One tab of a browser reads at a time (Web Locks): another says so until the first one is closed or its reader goes on here; the first then says so until its reader
 * goes on there. (Of two devices the database takes each read once.) Where a browser knows no locks, every tab reads.
 */
export function useOneTab(name: string) {
  const [place, setPlace] = useState<"unknown" | "here" | "elsewhere">("unknown");
  const leave = useRef<() => void>(() => {});
  const hold = useCallback(
    (options: LockOptions) =>
      navigator.locks.request(name, options, () => {
        setPlace("here");
        return new Promise<void>((done) => {
          leave.current = done;
        });
      }),
    [name],
  );
  useEffect(() => {
    if (!navigator.locks) return setPlace("here");
    const gone = new AbortController();
    const late = setTimeout(() => setPlace((now) => (now === "unknown" ? "elsewhere" : now)), patienceMs);
    // It ends with an error when the page goes before its turn, or when another tab takes over.
    hold({ signal: gone.signal }).catch(() => gone.signal.aborted || setPlace("elsewhere"));
    return () => {
      clearTimeout(late);
      gone.abort();
      leave.current();
    };
  }, [hold]);
  const takeOver = useCallback(() => {
    hold({ steal: true }).catch(() => setPlace("elsewhere"));
  }, [hold]);
  return { place, takeOver };
}
