import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { Noted } from "@/app/_components/noted";
import type { PassportSize } from "@/server/schemas/passport";
import { Fact, Facts } from "./facts";
import { useSliceWords } from "./slice-facts";
import { SliceFigure } from "./slice-figure";

/** The sizes of a node, the one that counts first, with the slice in which it was measured. */
export function Sizes({
  study,
  name,
  sizes,
  withSources,
}: {
  study: string;
  name: string;
  sizes: readonly PassportSize[];
  withSources: boolean;
}) {
  const t = useTranslations("passport");
  const words = useSliceWords();
  return (
    <ol className="grid gap-4">
      {sizes.map(({ id, shortAxisMm, counts, by, at, measured }) => (
        <li key={id} className="break-inside-avoid rounded-md border border-line bg-surface p-4">
          <p className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-1">
            <strong className="numbers">
              {measured
                ? t("size.both", { short: shortAxisMm.toFixed(2), long: measured.longAxisMm.toFixed(2) })
                : t("size.short", { short: shortAxisMm.toFixed(2) })}
            </strong>
            <Badge tone={counts ? "success" : "neutral"} shape={counts ? "●" : "○"}>
              {t(counts ? "counts" : "replaced")}
            </Badge>
            {withSources && !measured ? (
              <Badge tone="warning" shape="▲">
                {t("size.typed")}
              </Badge>
            ) : null}
          </p>
          <div className="grid gap-4 md:grid-cols-[minmax(0,1fr)_16rem] print:grid-cols-[minmax(0,1fr)_11rem]">
            <Facts>
              <Fact name={t("noted")}>
                <Noted by={by} at={at} />
              </Fact>
              {measured ? (
                <>
                  <Fact name={t("size.repeat")}>{t("size.repeatOf", { repeat: measured.repeat })}</Fact>
                  <Fact name={t("source.series")}>{words.series(measured.slice)}</Fact>
                  <Fact name={t("source.image")}>{words.place(measured.slice)}</Fact>
                  <Fact name={t("size.longEnds")}>
                    <Ends ends={measured.ends.slice(0, 6)} />
                  </Fact>
                  <Fact name={t("size.shortEnds")}>
                    <Ends ends={measured.ends.slice(6)} />
                  </Fact>
                  <Fact name={t("source.spacing")}>
                    {words.spacing(measured.spacing)} · {t(`spacingSource.${measured.spacingSource}`)}
                  </Fact>
                </>
              ) : null}
            </Facts>
            {counts && measured ? (
              <SliceFigure
                study={study}
                slice={measured.slice}
                axes={measured.axes}
                alt={t("size.alt", { node: name })}
              >
                {t("size.drawn")}
              </SliceFigure>
            ) : null}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** Two places in the patient, mm. */
function Ends({ ends }: { ends: readonly number[] }) {
  const t = useTranslations("passport.size");
  const place = (at: number) =>
    ends
      .slice(at, at + 3)
      .map((value) => value.toFixed(1))
      .join(", ");
  return t("ends", { from: place(0), to: place(3) });
}
