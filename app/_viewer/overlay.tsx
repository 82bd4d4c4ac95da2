import type { Types } from "@cornerstonejs/core";
import { useTranslations } from "next-intl";
import { lettersOf, oppositeLetters } from "@/core/dicom/plane";
import { holdsInPatient } from "@/core/dicom/spacing";
import { lengthOf, minus, type Vector } from "@/core/dicom/vector";
import type { CropBox } from "@/server/schemas/series";
import { cornersOf } from "./box";
import { pixelsAPixel, turnOf } from "./do-deed";
import { windowOf } from "./engine";
import type { Frame } from "./frames";

const barLengths = [100, 50, 20, 10, 5, 2, 1];
/** Share of the width of a pane that the scale bar takes at most. */
const barShare = 0.3;

/** What is written on an image: which it is, where the patient's sides are, how long 10 mm are, and the box of a crop. Drawn anew with the image. */
export function Overlay({
  viewport,
  frame: { plane },
  at,
  count,
  box,
}: {
  viewport: Types.IStackViewport;
  frame: Frame;
  /** 1, 2, ... of so many. */
  at: number;
  count: number;
  box: CropBox | undefined;
}) {
  const t = useTranslations("imaging.viewer");
  const canvasOf = (point: readonly [number, number, number]) => viewport.worldToCanvas([...point]);
  const window = windowOf(viewport);
  const scale = pixelsAPixel(viewport);
  const perMm = scale / plane.spacing.columns;
  const bar = barLengths.find((length) => length * perMm <= barShare * viewport.element.clientWidth);
  const { degrees, isMirrored } = turnOf(viewport);
  const right = lettersOf(directionOf(viewport, [1, 0]));
  const bottom = lettersOf(directionOf(viewport, [0, 1]));
  const edge = "absolute font-medium";
  return (
    <div className="numbers pointer-events-none absolute inset-0 text-sm text-text [text-shadow:0_0_2px_black,0_0_3px_black,0_0_4px_black]">
      {box ? (
        <svg aria-hidden="true" className="absolute inset-0 h-full w-full">
          <polygon
            points={cornersOf(plane, box)
              .map((corner) => canvasOf(corner).join(","))
              .join(" ")}
            fill="none"
            className="stroke-2 stroke-warning"
          />
        </svg>
      ) : null}
      {plane.spacing.source === "none" ? null : (
        <>
          <span className={`${edge} top-1/2 left-2`}>{oppositeLetters(right)}</span>
          <span className={`${edge} top-1/2 right-2`} data-testid="right">
            {right}
          </span>
          <span className={`${edge} top-1 left-1/2`}>{oppositeLetters(bottom)}</span>
          <span className={`${edge} bottom-1 left-1/2`}>{bottom}</span>
        </>
      )}
      <span className="absolute top-1 left-2" data-testid="place">
        {t("place", { at, count })}
      </span>
      {degrees !== 0 || isMirrored ? (
        <span className="absolute top-1 right-2 grid justify-items-end text-warning" data-testid="turned">
          {degrees !== 0 ? <span>{t("turned", { degrees })}</span> : null}
          {isMirrored ? <span>{t("mirrored")}</span> : null}
        </span>
      ) : null}
      <span className="absolute bottom-1 left-2 grid">
        {window ? <span>{t("window", { low: window.low.toFixed(0), high: window.high.toFixed(0) })}</span> : null}
        <span>{t("zoomed", { percent: Math.round(scale * 100) })}</span>
      </span>
      {holdsInPatient(plane.spacing) ? (
        <span className="absolute right-2 bottom-1 grid justify-items-end">
          {bar !== undefined ? (
            <>
              <span>{t("millimetres", { length: bar })}</span>
              <span className="h-1 border-text border-x border-b" style={{ width: bar * perMm }} />
            </>
          ) : null}
          <span>{t("perPixel", { length: plane.spacing.columns.toFixed(3) })}</span>
        </span>
      ) : (
        <span className="absolute right-2 bottom-1 text-warning">{t("noMillimetres")}</span>
      )}
    </div>
  );
}

/** Where a step on the screen goes in the patient: turned and mirrored images have their letters where they belong. */
function directionOf(viewport: Types.IStackViewport, step: Types.Point2): Vector {
  const way = minus(viewport.canvasToWorld(step), viewport.canvasToWorld([0, 0]));
  const length = lengthOf(way);
  return [way[0] / length, way[1] / length, way[2] / length];
}
