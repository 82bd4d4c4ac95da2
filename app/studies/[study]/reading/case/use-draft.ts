"use client";

import { useEffect, useState } from "react";
import type { SubmitRead } from "@/server/schemas/reading";

export interface Draft {
  criteria: Record<string, boolean>;
  /** Null: as the rule proposes, or not called yet where there is no rule. */
  call: SubmitRead["call"] | null;
  overrideReason: string;
  confidence: number | null;
  idempotencyKey: string;
  activeMs: number;
}

const prefix = "nodewise-draft-";

/** The read in the making, kept in this tab so that a reload or a lost connection loses nothing. */
export function useDraft(slotId: string) {
  const key = prefix + slotId;
  const [draft, setDraft] = useState<Draft>(() => ({
    criteria: {},
    call: null,
    overrideReason: "",
    confidence: null,
    idempotencyKey: crypto.randomUUID(),
    activeMs: 0,
  }));
  useEffect(() => {
    const kept = sessionStorage.getItem(key);
    if (kept) setDraft(JSON.parse(kept));
    for (const other of Object.keys(sessionStorage))
      if (other.startsWith(prefix) && other !== key) sessionStorage.removeItem(other);
  }, [key]);
  return {
    draft,
    change: (part: Partial<Draft>) =>
      setDraft((before) => {
        const after = { ...before, ...part };
        sessionStorage.setItem(key, JSON.stringify(after));
        return after;
      }),
  };
}

/** Milliseconds that this case was in sight: hidden tabs do not count. */
export function useActiveTime(): () => number {
  const [clock] = useState(() => ({ total: 0, since: 0 }));
  useEffect(() => {
    const resume = () => {
      clock.since = document.visibilityState === "visible" ? performance.now() : 0;
    };
    const toggle = () => {
      if (clock.since > 0) clock.total += performance.now() - clock.since;
      resume();
    };
    resume();
    document.addEventListener("visibilitychange", toggle);
    return () => document.removeEventListener("visibilitychange", toggle);
  }, [clock]);
  return () => Math.round(clock.total + (clock.since > 0 ? performance.now() - clock.since : 0));
}
