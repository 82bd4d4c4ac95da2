import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { cn } from "@/app/_components/class-names";
import { useFormat } from "@/app/_i18n/format";
import type { ExamView } from "@/server/schemas/series";
import { Thumbnail } from "./thumbnail";

/** The series of an exam by their middle images: one that is chosen comes into the panes of its planes. */
export function SeriesList({
  study,
  exam,
  shown,
  onShow,
}: {
  study: string;
  exam: ExamView;
  /** The series that are in a pane. */
  shown: ReadonlySet<string>;
  onShow: (seriesId: string) => void;
}) {
  const t = useTranslations("imaging");
  const { list } = useFormat();
  return (
    <ul
      aria-label={t("viewer.seriesList")}
      className="flex gap-2 overflow-x-auto px-4 pb-2 text-xs lg:min-h-0 lg:flex-col lg:overflow-x-hidden lg:overflow-y-auto lg:pr-2"
    >
      {exam.series.map((series) => {
        const { id, number, description, stacks, held, unlooked } = series;
        const name = t("images.series", { number: number ?? "–", description: description ?? t("images.unnamed") });
        const planes = [...new Set(stacks.map(({ orientation }) => t(`images.plane.${orientation.name}`)))];
        const images = stacks.reduce((sum, { frames }) => sum + frames.length, series.withoutPlane.length);
        return (
          <li key={id} className="w-24 shrink-0">
            <button
              type="button"
              aria-label={t("viewer.showSeries", { series: name })}
              aria-pressed={shown.has(id)}
              disabled={images === 0}
              onClick={() => onShow(id)}
              className="grid w-full gap-0.5 text-left disabled:cursor-not-allowed"
            >
              <span className={cn("rounded-sm border", shown.has(id) ? "border-accent" : "border-line")}>
                <Thumbnail study={study} series={series} />
              </span>
              <span className="line-clamp-2 break-words" title={name}>
                {name}
              </span>
              <span className="numbers text-soft">{list(planes)}</span>
              {images > 0 ? <span className="numbers text-soft">{t("images.frames", { count: images })}</span> : null}
            </button>
            {held > 0 ? <Badge tone="warning">{t("images.held", { count: held })}</Badge> : null}
            {unlooked > 0 ? <Badge>{t("images.letters.unlooked", { count: unlooked })}</Badge> : null}
          </li>
        );
      })}
    </ul>
  );
}
