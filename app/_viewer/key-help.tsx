import { useTranslations } from "next-intl";
import { Fragment, useEffect, useEffectEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { ProblemList } from "@/app/_components/problem-list";
import { useFormat } from "@/app/_i18n/format";
import { problemOf } from "@/app/_lib/trpc";
import { conflictOf, type Deed, firstKey, isChanged, keyMap, keyOf, keysOf, printedKey } from "./keys";
import { useChooseKeys, useKeys } from "./use-keys";

const arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];
/** Keys that change others. */
const modifiers = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "Dead", "Process", "Unidentified"];

/** What keys do to what is in hand. */
const inHand = [
  [
    "axes",
    "lay",
    [
      ["moveAxes", ["Shift", ...arrows]],
      ["long", ["Alt", "ArrowUp", "ArrowDown"]],
      ["short", ["Alt", "ArrowLeft", "ArrowRight"]],
      ["turn", [",", "."]],
    ],
  ],
  [
    "box",
    "place",
    [
      ["farEdges", ["Shift", ...arrows]],
      ["nearEdges", ["Alt", ...arrows]],
    ],
  ],
] as const;

/** The map of the keyboard, in which a person chooses other keys. */
export function KeyHelp() {
  const t = useTranslations("imaging.viewer");
  const { list } = useFormat();
  const keys = useKeys();
  const { choose, error, isPending } = useChooseKeys();
  /** The deed whose new key is waited for. */
  const [asked, setAsked] = useState<Deed | null>(null);
  const [refused, setRefused] = useState<{ key: string; by: Deed | "standing" } | null>(null);

  function give(deed: Deed, given: readonly string[]) {
    const against = given.map((key) => ({ key, by: conflictOf(keys, deed, key) })).find(({ by }) => by !== null);
    if (against?.by) return setRefused({ key: against.key, by: against.by });
    setRefused(null);
    setAsked(null);
    choose({ ...keys, [deed]: given });
  }
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (asked === null || modifiers.includes(event.key)) return;
    // The key is for this alone: not for the viewer, the dialog or the browser.
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

  const deeds = Object.keys(keyMap) as Deed[];
  const printed = (of: readonly string[]) => of.map(printedKey).join(" ");
  return (
    <section
      aria-label={t("keys")}
      className="absolute top-14 right-4 z-10 max-h-[85dvh] w-[28rem] max-w-[calc(100vw-2rem)] overflow-y-auto rounded-md border border-line bg-surface p-4 shadow-card"
    >
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-medium">{t("keys")}</h3>
        {deeds.some((deed) => isChanged(keys, deed)) ? (
          <Button kind="quiet" disabled={isPending} onClick={() => choose(keysOf({}))}>
            {t("ownKeys.resetAll")}
          </Button>
        ) : null}
      </div>
      <p className="mb-2 text-soft text-sm">{t("ownKeys.how")}</p>
      {error ? <ProblemList {...problemOf(error)} /> : null}
      <p role="alert" className="text-sm text-warning">
        {refused
          ? refused.by === "standing"
            ? t("ownKeys.standing", { key: printedKey(refused.key) })
            : t("ownKeys.taken", { key: printedKey(refused.key), deed: t(`deed.${refused.by}`) })
          : null}
      </p>
      <dl className="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-1 text-sm">
        {deeds.map((deed) => (
          <Fragment key={deed}>
            <dt>
              <button
                type="button"
                aria-label={t("ownKeys.change", { deed: t(`deed.${deed}`), keys: printed(keys[deed]) || "–" })}
                aria-pressed={asked === deed}
                disabled={isPending}
                onClick={() => {
                  setRefused(null);
                  setAsked(asked === deed ? null : deed);
                }}
                className="min-h-6 min-w-6 rounded-sm border border-line px-1 font-mono text-xs hover:bg-raised aria-pressed:border-accent max-sm:min-h-9 max-sm:min-w-9"
              >
                {asked === deed ? t("ownKeys.press") : printed(keys[deed]) || "–"}
              </button>
            </dt>
            <dd className="flex min-h-7 flex-wrap items-center justify-between gap-x-2">
              {t(`deed.${deed}`)}
              {isChanged(keys, deed) ? (
                <button
                  type="button"
                  disabled={isPending}
                  aria-label={t("ownKeys.resetOne", {
                    deed: t(`deed.${deed}`),
                    keys: list(keyMap[deed].map(printedKey)),
                  })}
                  onClick={() => give(deed, keyMap[deed])}
                  className="min-h-6 text-accent underline underline-offset-2"
                >
                  {t("ownKeys.reset", { keys: printed(keyMap[deed]) })}
                </button>
              ) : null}
            </dd>
          </Fragment>
        ))}
        <Row keys={["Escape"]} does={t("deed.close")} />
      </dl>
      {inHand.map(([what, after, rows]) => (
        <Fragment key={what}>
          <h4 className="mt-4 mb-1 font-medium text-sm">{t(`inHand.${what}`, { key: firstKey(keys, after) })}</h4>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
            {rows.map(([does, keys]) => (
              <Row key={does} keys={keys} does={t(`inHand.${does}`)} />
            ))}
          </dl>
        </Fragment>
      ))}
      <p className="mt-3 text-soft text-sm">{t("mouse")}</p>
    </section>
  );
}

function Row({ keys, does }: { keys: readonly string[]; does: string }) {
  return (
    <>
      <dt>
        <kbd className="rounded-sm border border-line px-1 font-mono text-xs">{keys.map(printedKey).join(" ")}</kbd>
      </dt>
      <dd>{does}</dd>
    </>
  );
}
