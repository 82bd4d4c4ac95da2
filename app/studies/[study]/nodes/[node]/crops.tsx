import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { cn } from "@/app/_components/class-names";
import { CropImage } from "@/app/_components/crop-image";
import { Noted } from "@/app/_components/noted";
import { When } from "@/app/_components/values";
import type { PassportCrop } from "@/server/schemas/passport";
import { Fact, Facts, PrintedHash } from "./facts";
import { useSliceWords } from "./slice-facts";
import { SliceFigure } from "./slice-figure";

/** The crop of each plane with the slice from which it was cut; a plane without one says so, and what was replaced stands below. */
export function Crops({
  study,
  name,
  planes,
  crops,
  withSources,
}: {
  study: string;
  name: string;
  planes: readonly { key: string; label: string }[];
  crops: readonly PassportCrop[];
  withSources: boolean;
}) {
  const t = useTranslations("passport");
  return (
    <ol className="grid gap-4">
      {planes.map((plane) => {
        const own = crops.filter((crop) => crop.plane === plane.key);
        const current = own.find(({ supersededAt }) => supersededAt === null);
        const replaced = own.filter((crop) => crop !== current);
        return (
          <li key={plane.key} className="grid break-inside-avoid gap-3 rounded-md border border-line bg-surface p-4">
            <h3 className="flex flex-wrap items-center gap-x-3 gap-y-1">
              {plane.label}
              {current ? null : (
                <Badge tone="warning" shape="▲">
                  {t("crop.missing")}
                </Badge>
              )}
              {current && withSources && !current.source ? (
                <Badge tone="warning" shape="▲">
                  {t("crop.asFile")}
                </Badge>
              ) : null}
            </h3>
            {current ? <CurrentCrop {...{ study, name }} crop={current} plane={plane.label} /> : null}
            {replaced.length > 0 ? (
              <ul className="grid gap-1 text-soft text-sm" aria-label={t("crop.replaced")}>
                {replaced.map(({ id, by, at, supersededAt, sha256 }) => (
                  <li key={id} className="flex flex-wrap gap-x-3">
                    <span>{t("replaced")}</span>
                    <Noted by={by} at={at} />
                    {supersededAt ? (
                      <span>
                        {t("crop.until")} <When at={supersededAt} zone />
                      </span>
                    ) : null}
                    {sha256 ? <PrintedHash value={sha256} /> : null}
                  </li>
                ))}
              </ul>
            ) : null}
          </li>
        );
      })}
    </ol>
  );
}

function CurrentCrop({ study, name, crop, plane }: { study: string; name: string; crop: PassportCrop; plane: string }) {
  const t = useTranslations("passport");
  const words = useSliceWords();
  const { source, width, height, scaledFrom } = crop;
  const sides = source?.spacing && {
    across: (source.box.width * source.spacing.columns).toFixed(1),
    down: (source.box.height * source.spacing.rows).toFixed(1),
  };
  return (
    <div className="grid grid-cols-[7rem_minmax(0,1fr)] gap-4 md:grid-cols-[9rem_16rem_minmax(0,1fr)]">
      <figure className="m-0 min-w-0">
        <div className="grid h-36 place-items-center rounded-md bg-image p-2 max-md:h-28 print:h-24">
          <CropImage
            study={study}
            crop={{ sha256: crop.sha256 }}
            alt={t("crop.alt", { node: name, plane })}
            className="h-32 w-full object-contain max-md:h-24 print:h-20"
          />
        </div>
        <figcaption className="numbers mt-1 text-soft text-sm">
          {width !== null && height !== null ? t("pixels", { width, height }) : null}
        </figcaption>
      </figure>
      {source ? (
        <SliceFigure
          study={study}
          slice={source.slice}
          window={source.window}
          box={source.box}
          alt={t("crop.sliceAlt", { node: name, plane })}
        >
          {t("crop.drawn")}
        </SliceFigure>
      ) : null}
      <div className={cn("max-md:col-span-2", source ? null : "md:col-span-2")}>
        <Facts>
          <Fact name={t("noted")}>
            <Noted by={source?.by ?? crop.by} at={source?.at ?? crop.at} />
          </Fact>
          {source ? (
            <>
              <Fact name={t("source.series")}>{words.series(source.slice)}</Fact>
              <Fact name={t("source.image")}>{words.place(source.slice)}</Fact>
              <Fact name={t("source.broughtIn")}>
                {source.slice.by === null ? (
                  <When at={source.slice.at} zone />
                ) : (
                  <Noted by={source.slice.by} at={source.slice.at} />
                )}
              </Fact>
              <Fact name={t("crop.box")}>
                {t("crop.boxAt", source.box)}
                {sides ? ` · ${t("crop.boxMm", sides)}` : ""}
              </Fact>
              <Fact name={t("source.spacing")}>{words.spacing(source.spacing)}</Fact>
              <Fact name={t("crop.window")}>{t("crop.windowOf", source.window)}</Fact>
            </>
          ) : null}
          <Fact name={t("crop.interpolation")}>
            {crop.sha256 === null ? null : scaledFrom ? t("crop.scaled", scaledFrom) : t("crop.noInterpolation")}
          </Fact>
          <Fact name={t("crop.bits")}>{crop.bitDepth === null ? null : t("crop.bitsOf", { bits: crop.bitDepth })}</Fact>
          <Fact name={t("crop.hash")}>{crop.sha256 ? <PrintedHash value={crop.sha256} /> : null}</Fact>
          <Fact name={t("crop.originalHash")}>
            {crop.originalSha256 && crop.originalSha256 !== crop.sha256 ? (
              <PrintedHash value={crop.originalSha256} />
            ) : null}
          </Fact>
          <Fact name={t("source.hash")}>{source ? <PrintedHash value={source.slice.sha256} /> : null}</Fact>
        </Facts>
      </div>
    </div>
  );
}
