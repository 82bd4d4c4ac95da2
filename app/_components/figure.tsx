"use client";

import { useTranslations } from "next-intl";
import { DropdownMenu } from "radix-ui";
import { type ReactNode, useCallback, useState } from "react";
import { useFormat } from "@/app/_i18n/format";
import { useSay } from "@/app/_lib/use-say";
import { LeakBadge, SyntheticBadge } from "./badge";
import { Button } from "./button";
import { type FigureFormat, FigureSheet, printWidths } from "./figure-sheet";
import { BelowHeading, Footnotes, HeadingMarks, useInCommon, useMarks } from "./footnotes";
import { type Highlight, Legend, type LegendItem } from "./legend";
import type { StatValue } from "./stat";

/** What a cell of the numbers says; of an estimate with the marks of its notes. */
type Cell = string | number | { text: string; value: StatValue };

/**
 * The frame of every chart: title, n, the drawing with its legend, its numbers as a table, a file for print, and a caption that states method
 * and confidence level. The chart gets finished numbers; `summary` says in words what it shows, for whoever cannot see it.
 */
export function Figure({
  title,
  n,
  caption,
  summary,
  table,
  children,
  legend = [],
  highlight,
  synthetic,
  leaks = false,
  postHoc = false,
  values = [],
}: {
  title: string;
  n: string;
  caption: string;
  summary: string;
  table: { head: readonly string[]; rows: readonly (readonly Cell[])[] };
  children: ReactNode;
  legend?: readonly LegendItem[];
  /** Where the items of the legend can be looked at one by one. */
  highlight?: Highlight;
  synthetic: boolean;
  /** Of a run whose split leaks. */
  leaks?: boolean;
  /** Beyond the plan of the protocol. */
  postHoc?: boolean;
  /** The estimates that are drawn: their notes stand below, their marks in the drawing (`DrawnMarks`) or, where all carry one, at the title. */
  values?: readonly StatValue[];
}) {
  const t = useTranslations("parts.figure");
  const { sentences } = useFormat();
  const [asTable, setAsTable] = useState(false);
  const [format, setFormat] = useState<FigureFormat | null>(null);
  const [isSaved, setIsSaved] = useState(true);
  const saved = useCallback((problem: unknown) => {
    setFormat(null);
    setIsSaved(!problem);
  }, []);
  const say = useSay();
  const inCommon = useInCommon();
  const atTitle = [...new Set([...(postHoc ? [say({ key: "stats.post_hoc" })] : []), ...inCommon(values)])];
  const heading = (
    <>
      {title}
      <HeadingMarks texts={atTitle} /> <span className="font-normal text-soft text-sm">{n}</span>{" "}
      {synthetic ? <SyntheticBadge /> : null} {leaks ? <LeakBadge /> : null}
    </>
  );
  return (
    <figure className="break-inside-avoid rounded-md border border-line bg-surface p-4">
      <Footnotes of={values} first={atTitle}>
        <div className="mb-2 flex flex-wrap items-baseline justify-between gap-2">
          <h3>{heading}</h3>
          <div className="no-print flex gap-1">
            <Button kind="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
              {asTable ? t("chart") : t("numbers")}
            </Button>
            <SaveMenu onChoose={setFormat} isSaving={format !== null} />
          </div>
        </div>
        {isSaved ? null : (
          <p role="alert" className="mb-2 text-danger text-sm">
            {t("notSaved")}
          </p>
        )}
        <p className="sr-only">{summary}</p>
        {asTable ? (
          <div className="max-h-96 overflow-auto">
            <table className="w-full text-sm">
              <thead>
                <tr>
                  {table.head.map((head) => (
                    <th key={head} scope="col" className="border-line border-b px-2 py-1 text-left font-medium">
                      {head}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {table.rows.map((row) => (
                  <tr key={row.map((cell) => (typeof cell === "object" ? cell.text : cell)).join("|")}>
                    {row.map((cell, i) => (
                      <td key={`${table.head[i]}`} className="border-line border-b px-2 py-1">
                        {typeof cell === "object" ? <Noted {...cell} /> : cell}
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : (
          <>
            <div aria-hidden="true">
              <BelowHeading texts={atTitle}>{children}</BelowHeading>
            </div>
            {legend.length > 0 ? <Legend items={legend} highlight={highlight} /> : null}
          </>
        )}
        <figcaption className="mt-2 text-soft text-sm">{caption}</figcaption>
      </Footnotes>
      {format ? (
        <FigureSheet
          format={format}
          title={title}
          description={sentences(`${n}.`, summary, synthetic ? t("synthetic") : null, leaks ? t("leaks") : null)}
          onDone={saved}
        >
          <Footnotes of={values} first={atTitle}>
            <p className="mb-2 font-bold">{heading}</p>
            <BelowHeading texts={atTitle}>{children}</BelowHeading>
            {legend.length > 0 ? <Legend items={legend} /> : null}
            <p className="mt-2 text-soft text-xs">{caption}</p>
          </Footnotes>
        </FigureSheet>
      ) : null}
    </figure>
  );
}

function Noted({ text, value }: { text: string; value: StatValue }) {
  const { own, atHeading } = useMarks(value);
  const marks = [...atHeading, ...own].join(", ");
  return (
    <>
      {text}
      {marks ? <sup className="ml-0.5 font-medium">{marks}</sup> : null}
    </>
  );
}

function SaveMenu({ onChoose, isSaving }: { onChoose: (format: FigureFormat) => void; isSaving: boolean }) {
  const t = useTranslations("parts.figure");
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <Button kind="quiet" disabled={isSaving}>
          {t("save")} <span aria-hidden="true">▾</span>
        </Button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-50 rounded-md border border-line bg-surface p-1 shadow-card"
        >
          {(["svg", "pdf", "png"] as const).flatMap((kind) =>
            printWidths.map((widthMm) => (
              <DropdownMenu.Item
                key={`${kind} ${widthMm}`}
                className="cursor-pointer rounded-md px-3 py-1.5 text-sm data-highlighted:bg-raised max-sm:py-2.5"
                onSelect={() => onChoose({ kind, widthMm })}
              >
                {t(kind, { width: widthMm })}
              </DropdownMenu.Item>
            )),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
