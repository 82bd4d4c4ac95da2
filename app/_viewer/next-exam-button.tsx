"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/app/_components/button";
import { shortcutsOf } from "@/app/_keys/keys";
import { useDeed } from "@/app/_keys/use-deed";
import { useKeys } from "@/app/_keys/use-keys";
import { viewerKeys } from "./keys";
import { useNextExam } from "./next-exam";

/** Opens the first exam that waits, by mouse or by its key. */
export function NextExamButton({ study }: { study: string }) {
  const t = useTranslations("imaging.viewer");
  const { waiting, state, go } = useNextExam({ study, after: null });
  const keys = useKeys(viewerKeys);
  useDeed(viewerKeys, "nextExam", () => {
    if (waiting > 0) void go();
  });
  if (waiting === 0) return null;
  return (
    <Button
      kind="primary"
      aria-keyshortcuts={shortcutsOf(keys, "nextExam")}
      disabled={state !== "idle"}
      onClick={() => void go()}
    >
      {t(state === "none" ? "noNextExam" : "deed.nextExam")}
    </Button>
  );
}
