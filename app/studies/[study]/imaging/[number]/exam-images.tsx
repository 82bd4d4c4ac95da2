import Link from "next/link";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { Card } from "@/app/_components/page-header";
import { useFormat } from "@/app/_i18n/format";
import { hasImages } from "@/app/_viewer/frames";
import { Thumbnail } from "@/app/_viewer/thumbnail";
import { OpenViewer } from "@/app/_viewer/viewer";
import type { NodeView } from "@/server/schemas/imaging";
import type { ExamView } from "@/server/schemas/series";
import { ExamQuality } from "./exam-quality";
import { ExamTimes } from "./exam-times";
import { LookProgress } from "./look-progress";
import { UploadImages } from "./upload-images";
import { Uploads } from "./uploads";

/** At most two digits behind the point, and none that says nothing. */
const shortly = (value: number) => String(Math.round(100 * value) / 100);

/** The images of one exam, series by series, where they are looked at, and where more are dropped. */
export function ExamImages({
  study,
  number,
  person,
  exam,
  nodes,
  regions,
  planes,
  mayBring,
  mayEdit,
}: {
  study: string;
  number: string;
  /** The e-mail address of whoever looks. */
  person: string;
  exam: ExamView;
  nodes: readonly NodeView[];
  regions: readonly { key: string; label: string }[];
  planes: readonly { key: string; label: string }[];
  mayBring: boolean;
  mayEdit: boolean;
}) {
  const t = useTranslations("imaging.images");
  const ofRemoved = useTranslations("imaging.removed");
  const { day } = useFormat();
  const kept = nodes.filter(({ excluded }) => excluded === null);
  return (
    <Card>
      <div className="mb-3 flex flex-wrap items-center justify-between gap-2">
        <h2>{t("exam", { day: day(exam.performedOn), scanner: exam.scanner })}</h2>
        {hasImages(exam) ? (
          <OpenViewer {...{ study, number, person, regions, planes, mayEdit }} examId={exam.id} nodes={kept} />
        ) : null}
      </div>
      <ExamTimes times={exam.times} />
      {exam.look ? <LookProgress look={exam.look} /> : null}
      {exam.series.length === 0 ? <p className="mb-3 text-soft">{t("none")}</p> : null}
      {exam.series.length > 0 || exam.quality ? (
        <ExamQuality {...{ study, exam, mayEdit }} kept={kept.map(({ label }) => label)} />
      ) : null}
      {exam.sequences.length > 0 ? (
        <ul className="mb-4 grid gap-1 text-sm" aria-label={t("sequences")}>
          {exam.sequences.map(({ key, label, isThere, deviations }) => (
            <li key={key} className="flex flex-wrap items-baseline gap-x-3">
              <span className="font-medium">{label}</span>
              {isThere && deviations.length === 0 ? <span className="text-soft">{t("asAsked")}</span> : null}
              {isThere ? null : <Badge tone="warning">{t("sequenceLacks")}</Badge>}
              {deviations.map(({ figure, asked, within, found }) => (
                <Badge key={figure} tone="warning">
                  <span className="numbers">
                    {t(`figure.${figure}`, {
                      found: found === null ? "–" : shortly(found),
                      asked: shortly(asked),
                      within: shortly(within),
                    })}
                  </span>
                </Badge>
              ))}
            </li>
          ))}
        </ul>
      ) : null}
      <ul className="mb-4 grid gap-2">
        {exam.series.map((series) => (
          <li key={series.id} className="grid grid-cols-[6rem_1fr] gap-x-3 rounded-md border border-line px-3 py-2">
            <Thumbnail study={study} series={series} />
            <div className="min-w-0">
              <p className="flex flex-wrap items-baseline gap-x-3">
                <span className="font-medium">
                  {t("series", { number: series.number ?? "–", description: series.description ?? t("unnamed") })}
                </span>
                <span className="text-soft text-sm">{series.modality}</span>
                {series.held > 0 ? <Badge tone="warning">{t("held", { count: series.held })}</Badge> : null}
                {series.unlooked > 0 ? <Badge>{t("letters.unlooked", { count: series.unlooked })}</Badge> : null}
              </p>
              <ul className="text-sm">
                {series.stacks.map((stack) => (
                  <li key={stack.frames[0]?.instanceId} className="numbers flex flex-wrap gap-x-3">
                    <span>{t(`plane.${stack.orientation.name}`)}</span>
                    <span>{t("frames", { count: stack.frames.length })}</span>
                    {stack.step !== null ? <span>{t("step", { step: stack.step.toFixed(1) })}</span> : null}
                    {stack.orientation.tilt >= 0.5 ? (
                      <span>
                        {t("tilt", {
                          degrees: stack.orientation.tilt.toFixed(0),
                          plane: t(`plane.${stack.orientation.nearest}`),
                        })}
                      </span>
                    ) : null}
                    {stack.gaps.length > 0 ? (
                      <Badge tone="warning">{t("gaps", { count: stack.gaps.length })}</Badge>
                    ) : null}
                    {stack.shared.length > 0 ? <span>{t("shared", { count: stack.shared.length })}</span> : null}
                  </li>
                ))}
                {series.withoutPlane.length > 0 ? (
                  <li>{t("withoutPlane", { count: series.withoutPlane.length })}</li>
                ) : null}
              </ul>
            </div>
          </li>
        ))}
      </ul>
      <Uploads uploads={exam.uploads} />
      {mayBring ? (
        <>
          <UploadImages study={study} examId={exam.id} />
          <p className="mt-2 text-sm">
            <Link
              href={`/studies/${study}/imaging/what-is-removed`}
              className="text-accent underline underline-offset-2"
            >
              {ofRemoved("title")}
            </Link>
          </p>
        </>
      ) : null}
    </Card>
  );
}
