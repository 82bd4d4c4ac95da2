"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useOptimistic, useRef, useState, useTransition } from "react";
import { Button } from "@/app/_components/button";
import type { CaseQuestion } from "@/core/reading/found-cases";
import type { CasesOutput } from "@/server/schemas/cases";
import { addressOf } from "./address";
import { CaseFilters } from "./case-filters";
import { CaseList } from "./case-list";
import { CaseView } from "./case-view";
import { moveOf } from "./move-of";

/**
 * A page of cases to the left, the opened one beside them; by mouse, touch or keyboard. What is asked, the page and what is opened stand in the address.
 * Keys work within the list and the opened case; the focus is where the person goes.
 */
export function CaseExplorer({
  study,
  run,
  cases,
  opened,
  synthetic,
  leaks,
}: {
  study: string;
  /** As the address names it. */
  run: string | undefined;
  cases: CasesOutput;
  /** The id of a node. */
  opened: string | undefined;
  synthetic: boolean;
  leaks: boolean;
}) {
  const t = useTranslations("cases");
  const router = useRouter();
  const [isTurning, startTurning] = useTransition();
  const [asked, setAsked] = useOptimistic(cases.asked);
  const [chosen, setChosen] = useState(opened === undefined ? null : { id: opened, isOpen: true });
  /** On which row the next page is entered. */
  const [entering, setEntering] = useState<"first" | "last" | null>(null);
  const [drawn, setDrawn] = useState(cases.nodes);
  const frame = useRef<HTMLDivElement>(null);
  /** Where the focus goes once what it goes to is drawn. */
  const focus = useRef<"row" | "case" | null>(null);
  const { nodes, page, pages } = cases;
  if (drawn !== nodes) {
    setDrawn(nodes);
    setEntering(null);
    const entered = nodes.at(entering === "last" ? -1 : 0);
    if (entering !== null && entered) setChosen({ id: entered.id, isOpen: chosen?.isOpen === true });
  }
  const here = nodes.findIndex(({ id }) => id === chosen?.id);
  const open = chosen?.isOpen ? nodes[here] : undefined;
  const isOpen = open !== undefined;

  useEffect(() => {
    // A page that is on its way brings its own.
    if (isTurning) return;
    // The page is not asked for anew: it holds the case.
    const now = addressOf({ study, run, asked: cases.asked, page, opened: open?.id });
    if (now !== window.location.pathname + window.location.search) window.history.replaceState(null, "", now);
  }, [study, run, cases.asked, page, open?.id, isTurning]);

  useEffect(() => {
    if (focus.current === null || isTurning) return;
    const row = frame.current?.querySelector<HTMLElement>("[aria-current=true]");
    // On a narrow screen the opened case stands in the place of the list.
    const isRow = focus.current === "row" && row?.checkVisibility();
    (isRow ? row : frame.current?.querySelector("article"))?.focus();
    focus.current = null;
  });

  const go = (to: { asked: CaseQuestion; page?: number }) =>
    startTurning(() => {
      setAsked(to.asked);
      router.replace(addressOf({ study, run, opened: to.page ? undefined : open?.id, ...to }), { scroll: false });
    });
  const turn = (to: number) => {
    if (to >= 1 && to <= pages && !isTurning) go({ asked, page: to });
  };
  const close = () => {
    if (chosen) setChosen({ ...chosen, isOpen: false });
    focus.current = "row";
  };

  useEffect(() => {
    const within = frame.current;
    const press = (event: KeyboardEvent) => {
      const { target, key } = event;
      if (event.ctrlKey || event.metaKey || event.altKey || !(target instanceof HTMLElement)) return;
      const isInCase = target.closest("article") !== null;
      const move = moveOf(key, { row: here, rows: nodes.length, page, pages, isOpen, isInCase });
      if (move === null) return;
      event.preventDefault();
      if (move === "close") return close();
      if (isTurning) return;
      focus.current = isInCase ? "case" : "row";
      if ("page" in move) {
        setEntering(move.enter);
        turn(move.page);
      } else setChosen({ id: nodes[move.row]?.id ?? "", isOpen });
    };
    within?.addEventListener("keydown", press);
    return () => within?.removeEventListener("keydown", press);
  });

  return (
    <>
      <CaseFilters cases={cases} asked={asked} onAsk={(asked) => go({ asked })} />
      <p className="my-3 flex flex-wrap justify-between gap-x-6 text-soft text-sm">
        <span aria-live="polite">{t("found", { nodes: cases.found, of: cases.of.nodes })}</span>
        <span className="max-sm:hidden">{t("keys")}</span>
      </p>
      <p role="status" className="sr-only">
        {open ? t("opened", { subject: open.subject, node: open.label, place: open.place, of: cases.found }) : null}
      </p>
      <div ref={frame} className="grid gap-6 *:min-w-0 xl:grid-cols-[minmax(0,5fr)_minmax(0,7fr)]">
        <div className={open ? "max-xl:hidden" : ""} aria-busy={isTurning}>
          <CaseList
            study={study}
            cases={cases}
            active={chosen?.id ?? null}
            onActive={(id) => setChosen({ id, isOpen })}
            onOpen={(id) => {
              setChosen({ id, isOpen: true });
              focus.current = "row";
            }}
          />
          {pages > 1 ? (
            <nav aria-label={t("pages")} className="no-print mt-3 flex items-center justify-between gap-3">
              <Button
                aria-disabled={page === 1}
                className={page === 1 ? "opacity-55" : ""}
                onClick={() => turn(page - 1)}
              >
                {t("before")}
              </Button>
              <span aria-live="polite" className="numbers text-soft text-sm">
                {t("page", { page, pages })}
              </span>
              <Button
                aria-disabled={page === pages}
                className={page === pages ? "opacity-55" : ""}
                onClick={() => turn(page + 1)}
              >
                {t("next")}
              </Button>
            </nav>
          ) : null}
        </div>
        {open ? (
          <CaseView study={study} cases={cases} node={open} synthetic={synthetic} leaks={leaks} onClose={close} />
        ) : (
          <p className="rounded-md border border-line-strong border-dashed px-6 py-16 text-center text-soft max-xl:hidden">
            {t("choose")}
          </p>
        )}
      </div>
    </>
  );
}
