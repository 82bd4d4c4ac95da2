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
      {(["axes", "box"] as const).map((inHand) => (
        <Fragment key={inHand}>
          <h4 className="mt-4 mb-1 font-medium text-sm">{t(`inHand.${inHand}`)}</h4>
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
            {inHand === "axes" ? (
              <>
                <Row keys={["Shift", ...arrows]} does={t("inHand.moveAxes")} />
                <Row keys={["Alt", "ArrowUp", "ArrowDown"]} does={t("inHand.long")} />
                <Row keys={["Alt", "ArrowLeft", "ArrowRight"]} does={t("inHand.short")} />
                <Row keys={[",", "."]} does={t("inHand.turn")} />
              </>
            ) : (
              <>
                <Row keys={["Shift", ...arrows]} does={t("inHand.farEdges")} />
                <Row keys={["Alt", ...arrows]} does={t("inHand.nearEdges")} />
              </>
            )}
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
