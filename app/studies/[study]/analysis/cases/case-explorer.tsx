"use client";

import { useTranslations } from "next-intl";
import { useEffect, useMemo, useState } from "react";
import type { CasesOutput } from "@/server/schemas/cases";
import { CaseFilters } from "./case-filters";
import { CaseList } from "./case-list";
import { CaseView } from "./case-view";
import { found, type Question } from "./questions";

/** Cases to the left, the opened one beside them; by mouse, touch or keyboard. What is asked and opened stands in the address. */
export function CaseExplorer({
  study,
  cases,
  asked,
  opened,
  synthetic,
  leaks,
}: {
  study: string;
  cases: CasesOutput;
  asked: Question;
  /** The id of a node. */
  opened: string | null;
  synthetic: boolean;
  leaks: boolean;
}) {
  const t = useTranslations("cases");
  const [sought, setSought] = useState(asked);
  const [open, setOpen] = useState(opened);
  const [active, setActive] = useState(opened);
  const shown = useMemo(() => found(cases, sought), [cases, sought]);
  const here = shown.findIndex(({ node }) => node.id === active);
  const isOpen = shown.find(({ node }) => node.id === open);

  useEffect(() => {
    const search = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries({ ...sought, case: open })) {
      if (value === null || value === "all" || value === "any" || value === "study") search.delete(name);
      else search.set(name, value);
    }
    // The page is not asked for anew: it holds every case.
    window.history.replaceState(null, "", `${window.location.pathname}${search.size > 0 ? `?${search}` : ""}`);
  }, [sought, open]);

  useEffect(() => {
    const steps: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
    const press = (event: KeyboardEvent) => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || shown.length === 0) return;
      if (target instanceof HTMLElement && target.closest("input, select, textarea, [role=dialog], [role=menu]"))
        return;
      const step = steps[key];
      if (step !== undefined) {
        const next = shown[Math.min(shown.length - 1, Math.max(0, here + step))]?.node.id ?? null;
        setActive(next);
        if (open !== null) setOpen(next);
      } else if (key === "Enter" && here >= 0 && !(target instanceof HTMLElement && target.closest("a, button"))) {
        setOpen(active);
      } else if (key === "Escape" && open !== null) setOpen(null);
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [shown, here, active, open]);

  return (
    <>
      <CaseFilters cases={cases} asked={sought} onAsk={setSought} />
      <p className="my-3 flex flex-wrap justify-between gap-x-6 text-soft text-sm">
        <span aria-live="polite">{t("found", { nodes: shown.length, of: cases.nodes.length })}</span>
        <span className="max-sm:hidden">{t("keys")}</span>
      </p>
      <div className="grid gap-6 *:min-w-0 xl:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        <div className={isOpen ? "max-xl:hidden" : ""}>
          <CaseList
            study={study}
            parties={cases.parties}
            shown={shown}
            active={active}
            onOpen={(id) => {
              setActive(id);
              setOpen(id);
            }}
          />
        </div>
        {isOpen ? (
          <CaseView
            study={study}
            cases={cases}
            {...isOpen}
            place={here + 1}
            of={shown.length}
            synthetic={synthetic}
            leaks={leaks}
            onClose={() => setOpen(null)}
          />
        ) : (
          <p className="rounded-md border border-line-strong border-dashed px-6 py-16 text-center text-soft max-xl:hidden">
            {t("choose")}
          </p>
        )}
      </div>
    </>
  );
}
