import { useTranslations } from "next-intl";
import { type SeriesView, thumbnailSide } from "@/server/schemas/series";
import type { Frame } from "./frames";

/** The frame by which a series is known again: the middle one of its largest stack; undefined where all of its images are held. */
export function coverOf({ stacks, withoutPlane }: SeriesView): Pick<Frame, "instanceId" | "frame"> | undefined {
  const [largest] = stacks.map(({ frames }) => frames).sort((a, b) => b.length - a.length);
  const frames: readonly Pick<Frame, "instanceId" | "frame">[] = largest ?? withoutPlane;
  return frames[Math.floor(frames.length / 2)];
}

/** The middle image of a series, small; in its place, why there is none. */
export function Thumbnail({ study, series }: { study: string; series: SeriesView }) {
  const t = useTranslations("imaging.images");
  const cover = coverOf(series);
  const name = t("series", { number: series.number ?? "–", description: series.description ?? t("unnamed") });
  return (
    <span className="grid size-full max-w-24 aspect-square shrink-0 place-items-center overflow-hidden rounded-sm bg-image">
      {cover ? (
        <img
          src={`/api/studies/${study}/instances/${cover.instanceId}/thumbnail?frame=${cover.frame}`}
          alt={t("thumbnail", { series: name })}
          width={thumbnailSide}
          height={thumbnailSide}
          loading="lazy"
          className="size-full object-contain text-[oklch(0.7_0_0)] text-xs"
        />
      ) : (
        <span className="p-1 text-center text-[oklch(0.7_0_0)] text-xs">
          {t(series.unlooked > 0 ? "letters.noThumbnail" : series.held > 0 ? "noThumbnailHeld" : "noThumbnail")}
        </span>
      )}
    </span>
  );
}
