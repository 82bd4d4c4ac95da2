import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { PassportSlice } from "@/server/schemas/passport";

interface Point {
  x: number;
  y: number;
}

/** Dark below bright, so that a mark is seen on any grey and on paper. */
const outline = { stroke: "oklch(0.15 0 0)", strokeOpacity: 0.75, strokeWidth: 3.5 };
const bright = { stroke: "oklch(0.88 0.17 95)", strokeWidth: 1.5 };
const thin = "[vector-effect:non-scaling-stroke]";

/** The slice of the scanner from which something is, with where. One that is held, or not of this role, is told in words. */
export function SliceFigure({
  study,
  slice,
  window,
  box,
  axes,
  alt,
  children,
}: {
  study: string;
  slice: PassportSlice;
  /** Left out: as it was sent. */
  window?: { low: number; high: number };
  box?: { left: number; top: number; width: number; height: number };
  axes?: { long: [Point, Point]; short: [Point, Point] } | null;
  alt: string;
  /** What is drawn, in words. */
  children: ReactNode;
}) {
  const t = useTranslations("passport.slice");
  const { instanceId, frame, width, height, spacing, picture } = slice;
  if (picture !== "shown") return <p className="max-w-prose text-soft text-sm">{t(picture)}</p>;
  const shown = window ? `&low=${window.low}&high=${window.high}` : "";
  const across = width * (spacing?.columns ?? 1);
  const down = height * (spacing?.rows ?? 1);
  return (
    <figure className="m-0 min-w-0 break-inside-avoid">
      <div
        className="relative max-h-80 max-w-full print:max-h-44 overflow-hidden rounded-md bg-image"
        style={{ aspectRatio: `${across} / ${down}` }}
      >
        <img
          src={`/api/studies/${study}/instances/${instanceId}/slice?frame=${frame}${shown}`}
          alt={alt}
          className="absolute inset-0 h-full w-full"
        />
        <svg
          viewBox={`0 0 ${width} ${height}`}
          preserveAspectRatio="none"
          className="pointer-events-none absolute inset-0 h-full w-full"
          aria-hidden
          fill="none"
        >
          {[outline, bright].map((pen) => (
            <g key={pen.stroke} {...pen}>
              {box ? <rect x={box.left} y={box.top} width={box.width} height={box.height} className={thin} /> : null}
              {axes ? (
                <>
                  <Axis ends={axes.long} dashed={pen === bright} />
                  <Axis ends={axes.short} />
                </>
              ) : null}
            </g>
          ))}
        </svg>
      </div>
      <figcaption className="mt-1 text-soft text-sm">{children}</figcaption>
    </figure>
  );
}

function Axis({ ends: [from, to], dashed = false }: { ends: [Point, Point]; dashed?: boolean }) {
  return (
    <line
      {...{ x1: from.x, y1: from.y, x2: to.x, y2: to.y }}
      strokeDasharray={dashed ? "4 3" : undefined}
      className={thin}
    />
  );
}
