"use client";

import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent } from "react";
import { Button } from "@/app/_components/button";
import { deedOfKey } from "./keys";
import { useNextExam } from "./next-exam";

/** Opens the first exam that waits, by mouse or by its key. */
export function NextExamButton({ study }: { study: string }) {
  const t = useTranslations("imaging.viewer");
  const { waiting, state, go } = useNextExam({ study, after: null });
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (waiting > 0 && deedOfKey(event) === "nextExam") void go();
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);
  if (waiting === 0) return null;
  return (
    <Button kind="primary" aria-keyshortcuts="N" disabled={state !== "idle"} onClick={() => void go()}>
      {t(state === "none" ? "noNextExam" : "deed.nextExam")}
    </Button>
  );
}
