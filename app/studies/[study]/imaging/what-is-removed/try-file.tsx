"use client";

import { useTranslations } from "next-intl";
import { useState } from "react";
import { DropArea } from "@/app/_components/drop-area";
import { Notice } from "@/app/_components/notice";
import { ProblemList } from "@/app/_components/problem-list";
import { largestPreviewFile, type PreviewAnswer, previewAnswer } from "@/server/schemas/preview";
import { AttributeTable } from "./attribute-table";

type State =
  | { at: "idle" | "busy" }
  | { at: "refused"; message: string | null }
  | { at: "shown"; rows: PreviewAnswer; times: number };

/** Takes one file, and shows attribute by attribute what would become of it. */
export function TryFile({ study }: { study: string }) {
  const t = useTranslations("imaging.removed");
  const [state, setState] = useState<State>({ at: "idle" });
  const [times, setTimes] = useState(0);

  async function look(files: readonly File[]) {
    const [file, ...others] = files;
    if (!file) return;
    if (others.length > 0) return setState({ at: "refused", message: t("oneFile") });
    setState({ at: "busy" });
    setTimes(times + 1);
    try {
      const answer = await fetch(`/api/studies/${study}/deidentification-preview`, { method: "POST", body: file });
      const said: unknown = await answer.json();
      const rows = previewAnswer.safeParse(said);
      if (answer.ok && rows.success) return setState({ at: "shown", rows: rows.data, times });
      const { message = null } = said as { message?: string };
      setState({ at: "refused", message });
    } catch {
      // Not reached, cut off, or the file is not there any more.
      setState({ at: "refused", message: null });
    }
  }

  return (
    <div className="grid gap-4">
      <DropArea
        disabled={state.at === "busy"}
        onDropped={(transfer) => void look([...transfer.files])}
        onChosen={(files) => void look(files)}
      >
        {t("drop")} <span className="text-accent underline underline-offset-2">{t("choose")}</span>
        <span className="block text-soft text-sm">{t("hint", { megabytes: largestPreviewFile / 2 ** 20 })}</span>
      </DropArea>
      <div aria-live="polite" className="grid gap-4">
        {state.at === "busy" ? <p className="text-soft">{t("busy")}</p> : null}
        {state.at === "refused" ? <ProblemList message={state.message} /> : null}
        {state.at === "shown" ? (
          <>
            <Notice tone="info">{t("examples")}</Notice>
            <AttributeTable key={state.times} rows={state.rows} />
          </>
        ) : null}
      </div>
    </div>
  );
}
