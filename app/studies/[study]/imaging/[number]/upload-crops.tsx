"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { DropArea } from "@/app/_components/drop-area";
import { SelectField } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { useFormat } from "@/app/_i18n/format";

interface Chosen {
  file: File;
  plane: string;
}

/** The plane that a file name suggests ("n1_ax.png"), else the first one without a crop. */
function guessPlane(name: string, planes: readonly string[], taken: readonly string[]): string {
  const words = name.toLowerCase().split(/[^a-z]+/);
  const named = planes.find((plane) => words.some((word) => word.length >= 2 && plane.toLowerCase().startsWith(word)));
  return named ?? planes.find((plane) => !taken.includes(plane)) ?? planes[0] ?? "";
}

/** Several crops at once, one for each plane; each file is sent alone, so one bad file does not lose the others. */
export function UploadCrops({
  study,
  nodeId,
  label,
  planes,
  present,
}: {
  study: string;
  nodeId: string;
  label: string;
  planes: readonly { key: string; label: string }[];
  /** The crops that are there. */
  present: readonly { id: string; plane: string }[];
}) {
  const t = useTranslations("imaging.subject");
  const { named } = useFormat();
  const router = useRouter();
  const [chosen, setChosen] = useState<Chosen[]>([]);
  const [sent, setSent] = useState<number | null>(null);
  const [problems, setProblems] = useState<string[]>([]);
  const twice = new Set(chosen.map((each) => each.plane)).size < chosen.length;

  function add(files: readonly File[]) {
    setProblems([]);
    setChosen((before) => {
      const all = [...before];
      const keys = planes.map((plane) => plane.key);
      for (const file of files)
        all.push({
          file,
          plane: guessPlane(
            file.name,
            keys,
            [...present, ...all].map((each) => each.plane),
          ),
        });
      return all;
    });
  }

  async function upload() {
    const failed: Chosen[] = [];
    const said: string[] = [];
    setProblems([]);
    for (const [index, each] of chosen.entries()) {
      setSent(index);
      const replaced = present.find(({ plane }) => plane === each.plane);
      const place = new URLSearchParams({ nodeId, plane: each.plane, ...(replaced && { replaces: replaced.id }) });
      const response = await fetch(`/api/studies/${study}/crops?${place}`, {
        method: "POST",
        headers: { "x-file-name": encodeURIComponent(each.file.name) },
        body: each.file,
      }).catch(() => null);
      if (response?.ok) continue;
      const answer: { message?: string } = response ? await response.json().catch(() => ({})) : {};
      failed.push(each);
      said.push(answer.message ?? t("notSent", { name: each.file.name }));
    }
    setSent(null);
    setChosen(failed);
    setProblems(said);
    router.refresh();
  }

  return (
    <div className="mt-4 grid gap-3">
      {problems.length > 0 ? <ProblemList message={problems[0] ?? ""} problems={problems.slice(1)} /> : null}
      <DropArea accept="image/png,image/jpeg" onDropped={({ files }) => add([...files])} onChosen={add}>
        {t("drop", { label })} <span className="text-accent underline underline-offset-2">{t("choose_files")}</span>
        <span className="block text-soft text-sm">{t("noneStored")}</span>
      </DropArea>
      {chosen.length > 0 ? (
        <ul className="grid gap-2">
          {chosen.map((each, index) => (
            <li
              key={`${each.file.name}-${each.file.size}-${each.file.lastModified}`}
              className="flex flex-wrap items-end gap-3"
            >
              <span className="min-w-40 flex-1 break-all pb-2">{each.file.name}</span>
              <SelectField
                label={t("plane")}
                className="w-40"
                value={each.plane}
                onChange={(event) =>
                  setChosen(chosen.map((other, i) => (i === index ? { ...other, plane: event.target.value } : other)))
                }
                options={planes.map((plane) => ({ value: plane.key, label: plane.label }))}
              />
              <Button
                kind="quiet"
                aria-label={named(t("remove"), each.file.name)}
                onClick={() => setChosen(chosen.filter((_, i) => i !== index))}
              >
                ✕
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
      {twice ? <p className="text-danger text-sm">{t("twice")}</p> : null}
      {chosen.length > 0 ? (
        <Button kind="primary" disabled={sent !== null || twice} onClick={upload} className="justify-self-start">
          {sent === null ? t("upload", { count: chosen.length }) : t("uploading", { done: sent, total: chosen.length })}
        </Button>
      ) : null}
    </div>
  );
}
