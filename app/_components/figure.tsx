"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useRef, useState } from "react";
import { LeakBadge, SyntheticBadge } from "./badge";
import { Button } from "./button";

/**
 * The frame of every chart: title, n, the drawing, its numbers as a table, SVG download, and a caption that states method and confidence level.
 * The chart gets finished numbers; `summary` says in words what it shows, for whoever cannot see it.
 */
export function Figure({
  title,
  n,
  caption,
  summary,
  table,
  children,
  synthetic,
  leaks = false,
}: {
  title: string;
  n: string;
  caption: ReactNode;
  summary: string;
  table: { head: readonly string[]; rows: readonly (readonly (string | number)[])[] };
  children: ReactNode;
  synthetic: boolean;
  /** Of a run whose split leaks. */
  leaks?: boolean;
}) {
  const t = useTranslations("parts.figure");
  const [asTable, setAsTable] = useState(false);
  const drawing = useRef<HTMLDivElement>(null);

  function downloadSvg() {
    const svg = drawing.current?.querySelector("svg");
    if (!svg) return;
    const copy = svg.cloneNode(true) as SVGElement;
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    const note = document.createElementNS("http://www.w3.org/2000/svg", "desc");
    note.textContent = `${title}. ${n}. ${summary}${synthetic ? ` ${t("synthetic")}` : ""}${leaks ? ` ${t("leaks")}` : ""}`;
    copy.prepend(note);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: "image/svg+xml" }));
    link.download = `${title}.svg`;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  return (
    <figure className="rounded-md border border-line bg-surface p-4">
      <div className="mb-2 flex flex-wrap items-baseline justify-between gap-2">
        <h3>
          {title} <span className="font-normal text-soft text-sm">{n}</span> {synthetic ? <SyntheticBadge /> : null}{" "}
          {leaks ? <LeakBadge /> : null}
        </h3>
        <div className="no-print flex gap-1">
          <Button kind="quiet" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? t("chart") : t("numbers")}
          </Button>
          <Button kind="quiet" onClick={downloadSvg} disabled={asTable}>
            SVG
          </Button>
        </div>
      </div>
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
                <tr key={row.join("|")}>
                  {row.map((cell, i) => (
                    <td key={`${table.head[i]}`} className="border-line border-b px-2 py-1">
                      {cell}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : (
        <div ref={drawing} aria-hidden="true">
          {children}
        </div>
      )}
      <figcaption className="mt-2 text-soft text-sm">{caption}</figcaption>
    </figure>
  );
}
