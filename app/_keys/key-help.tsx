import { useTranslations } from "next-intl";
import { Fragment, type ReactNode, useEffect, useEffectEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { ProblemList } from "@/app/_components/problem-list";
import { useFormat } from "@/app/_i18n/format";
import { problemOf } from "@/app/_lib/trpc";
import { type KeyBook, keyOf, printedKey } from "./keys";
import { useChooseKeys, useKeys } from "./use-keys";

/** Keys that change others. */
const modifiers = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Dead", "Process", "Unidentified"];

/** The map of the keyboard, in which a person chooses other keys. */
export function KeyHelp<Deed extends string>({
  book,
  heading,
  nameOf,
  children,
}: {
  book: KeyBook<Deed>;
  heading: ReactNode;
  nameOf: (deed: Deed) => string;
  /** Rows of keys that stand (`StandingKeys`), below the others. */
  children: ReactNode;
}) {
  const t = useTranslations("parts.keys");
  const { list } = useFormat();
  const { keyMap, deeds, isChanged } = book;
  const keys = useKeys(book);
  const { choose, error, isPending } = useChooseKeys(book);
  /** The deed whose new key is waited for. */
  const [asked, setAsked] = useState<Deed | null>(null);
  const [refused, setRefused] = useState<{ key: string; by: { deed: Deed } | "standing" } | null>(null);

  function give(deed: Deed, given: readonly string[]) {
    for (const key of given) {
      const by = book.conflictOf(keys, deed, key);
      if (by) return setRefused({ key, by });
    }
    setRefused(null);
    setAsked(null);
    choose({ ...keys, [deed]: given });
  }
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (asked === null || modifiers.includes(event.key)) return;
    // The key is for this alone: not for the page, the dialog or the browser.
    event.preventDefault();
    event.stopImmediatePropagation();
    if (event.key !== "Escape") return give(asked, [keyOf(event)]);
    setAsked(null);
    setRefused(null);
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", hear, true);
    return () => window.removeEventListener("keydown", hear, true);
  }, []);

  const printed = (of: readonly string[]) => of.map(printedKey).join(" ");
  return (
    <>
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        {heading}
        {deeds.some((deed) => isChanged(keys, deed)) ? (
          <Button kind="quiet" disabled={isPending} onClick={() => choose(keyMap)}>
            {t("resetAll")}
          </Button>
        ) : null}
      </div>
      <p className="mb-2 text-soft text-sm">{t("how")}</p>
      {error ? <ProblemList {...problemOf(error)} /> : null}
      <p role="alert" className="text-sm text-warning">
        {refused
          ? refused.by === "standing"
            ? t("standing", { key: printedKey(refused.key) })
            : t("taken", { key: printedKey(refused.key), deed: nameOf(refused.by.deed) })
          : null}
      </p>
      <dl className="grid grid-cols-[4rem_1fr] items-center gap-x-4 gap-y-1 text-sm">
        {deeds.map((deed) => (
          <Fragment key={deed}>
            <dt>
              <button
                type="button"
                aria-label={t("change", { deed: nameOf(deed), keys: printed(keys[deed]) || "–" })}
                aria-pressed={asked === deed}
                disabled={isPending}
                onClick={() => {
                  setRefused(null);
                  setAsked(asked === deed ? null : deed);
                }}
                className="min-h-6 min-w-6 rounded-sm border border-line px-1 font-mono text-xs hover:bg-raised aria-pressed:border-accent max-sm:min-h-9 max-sm:min-w-9"
              >
                {asked === deed ? t("press") : printed(keys[deed]) || "–"}
              </button>
            </dt>
            <dd className="flex min-h-7 flex-wrap items-center justify-between gap-x-2">
              {nameOf(deed)}
              {isChanged(keys, deed) ? (
                <button
                  type="button"
                  disabled={isPending}
                  aria-label={t("resetOne", { deed: nameOf(deed), keys: list(keyMap[deed].map(printedKey)) })}
                  onClick={() => give(deed, keyMap[deed])}
                  className="min-h-6 text-accent underline underline-offset-2"
                >
                  {t("reset", { keys: printed(keyMap[deed]) })}
                </button>
              ) : null}
            </dd>
          </Fragment>
        ))}
      </dl>
      {children}
    </>
  );
}

/** Keys that always do the same. */
export function StandingKeys({ rows }: { rows: readonly { keys: readonly string[]; does: string }[] }) {
  return (
    <dl className="mt-1 grid grid-cols-[4rem_1fr] gap-x-4 gap-y-1 text-sm">
      {rows.map(({ keys, does }) => (
        <Fragment key={does}>
          <dt>
            <kbd className="rounded-sm border border-line px-1 font-mono text-xs">{keys.map(printedKey).join(" ")}</kbd>
          </dt>
          <dd>{does}</dd>
        </Fragment>
      ))}
    </dl>
  );
}
