import { useTranslations } from "next-intl";
import { Fragment } from "react";
import { type Deed, keyMap } from "./keys";

/** Keys as they are printed on keyboards. */
const printed: Record<string, string> = {
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
  Escape: "Esc",
};
const arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

/** What keys do to what is in hand. */
const inHand = [
  [
    "axes",
    [
      ["moveAxes", ["Shift", ...arrows]],
      ["long", ["Alt", "ArrowUp", "ArrowDown"]],
      ["short", ["Alt", "ArrowLeft", "ArrowRight"]],
      ["turn", [",", "."]],
    ],
  ],
  [
    "box",
    [
      ["farEdges", ["Shift", ...arrows]],
      ["nearEdges", ["Alt", ...arrows]],
    ],
  ],
] as const;

/** The map of the keyboard. */
export function KeyHelp() {
  const t = useTranslations("imaging.viewer");
  return (
    <section
      aria-label={t("keys")}
      className="absolute top-14 right-4 z-10 max-h-[85dvh] w-[26rem] max-w-[calc(100vw-2rem)] overflow-y-auto rounded-md border border-line bg-surface p-4 shadow-card"
    >
      <h3 className="mb-2 font-medium">{t("keys")}</h3>
      <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        {(Object.entries(keyMap) as [Deed, readonly string[]][]).map(([deed, keys]) => (
          <Row key={deed} keys={keys} does={t(`deed.${deed}`)} />
        ))}
        <Row keys={["Escape"]} does={t("deed.close")} />
      </dl>
      {inHand.map(([what, rows]) => (
        <Fragment key={what}>
          <h4 className="mt-4 mb-1 font-medium text-sm">{t(`inHand.${what}`)}</h4>
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
        <kbd className="rounded-sm border border-line px-1 font-mono text-xs">
          {keys.map((key) => printed[key] ?? key).join(" ")}
        </kbd>
      </dt>
      <dd>{does}</dd>
    </>
  );
}
