import { useTranslations } from "next-intl";
import { Fragment } from "react";
import { KeyHelp, StandingKeys } from "@/app/_keys/key-help";
import { firstKey } from "@/app/_keys/keys";
import { useKeys } from "@/app/_keys/use-keys";
import { viewerKeys } from "./keys";

const arrows = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"];

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

/** The map of the keyboard of the viewer. */
export function ViewerKeyHelp() {
  const t = useTranslations("imaging.viewer");
  const keys = useKeys(viewerKeys);
  return (
    <section
      aria-label={t("keys")}
      className="absolute top-14 right-4 z-10 max-h-[85dvh] w-[28rem] max-w-[calc(100vw-2rem)] overflow-y-auto rounded-md border border-line bg-surface p-4 shadow-card"
    >
      <KeyHelp
        book={viewerKeys}
        heading={<h3 className="font-medium">{t("keys")}</h3>}
        nameOf={(deed) => t(`deed.${deed}`)}
      >
        <StandingKeys rows={[{ keys: ["Escape"], does: t("deed.close") }]} />
        {inHand.map(([what, after, rows]) => (
          <Fragment key={what}>
            <h4 className="mt-4 mb-1 font-medium text-sm">{t(`inHand.${what}`, { key: firstKey(keys, after) })}</h4>
            <StandingKeys rows={rows.map(([does, keys]) => ({ keys, does: t(`inHand.${does}`) }))} />
          </Fragment>
        ))}
        <p className="mt-3 text-soft text-sm">{t("mouse")}</p>
      </KeyHelp>
    </section>
  );
}
