"use client";

import { useTranslations } from "next-intl";
import { Fragment, useState } from "react";
import { LeakBadge, SyntheticBadge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { cn } from "@/app/_components/class-names";
import { CropImage } from "@/app/_components/crop-image";
import { PassportLink } from "@/app/_components/passport-link";
import { ResultBadge } from "@/app/_components/result-badge";
import { isNetworkRight, truthOf } from "@/core/reading/found-cases";
import type { CasesOutput, ExploredImage, ExploredNode } from "@/server/schemas/cases";

/** One node: its images with the network's scores and overlays, and every call beside the truth. */
export function CaseView({
  study,
  cases: { run, parties, conditions, found },
  node,
  synthetic,
  leaks,
  onClose,
}: {
  study: string;
  cases: CasesOutput;
  node: ExploredNode;
  synthetic: boolean;
  leaks: boolean;
  onClose: () => void;
}) {
  const t = useTranslations("cases");
  const readers = [...new Set(parties.map(({ reader }) => reader))];
  const read = conditions.filter(({ key }) => parties.some(({ condition }) => condition === key));
  const truth = truthOf(node);
  return (
    <article
      // Whoever opens a case where the list gives way to it, or goes on to the next by key, is here.
      tabIndex={-1}
      aria-label={t("name", { subject: node.subject, node: node.label })}
      className="rounded-md border border-line bg-surface p-4"
    >
      <div className="mb-1 flex flex-wrap items-start justify-between gap-2">
        <h2 className="flex flex-wrap items-center gap-2">
          {t("name", { subject: node.subject, node: node.label })} <ResultBadge result={node.result} />
          {synthetic ? <SyntheticBadge /> : null} {leaks ? <LeakBadge /> : null}
        </h2>
        <span className="no-print flex items-center gap-2 text-soft text-sm">
          <span className="numbers">{t("place", { place: node.place, of: found })}</span>
          <PassportLink study={study} nodeId={node.id} />
          <Button kind="quiet" onClick={onClose}>
            {t("close")}
          </Button>
        </span>
      </div>
      <p className="mb-4 text-soft text-sm">
        {t("about", {
          region: node.region ?? "–",
          size: node.shortAxisMm === null ? "–" : t("mm", { size: node.shortAxisMm.toFixed(1) }),
        })}
      </p>
      <div className="mb-5 grid grid-cols-[repeat(auto-fit,minmax(9rem,1fr))] gap-4">
        {node.images.map((image) => (
          <ImageView key={image.cropId} study={study} node={node} image={image} />
        ))}
      </div>
      {parties.length === 0 ? (
        <p className="text-soft text-sm">{t("noReads")}</p>
      ) : (
        <div className="max-h-[50vh] overflow-auto">
          <table className="w-full border-collapse text-sm" aria-label={t("calls")}>
            <thead className="sticky top-0 bg-surface text-left">
              <tr>
                <th scope="col" rowSpan={2} className="border-line border-b px-2 py-1 font-medium">
                  {t("reader")}
                </th>
                {read.map(({ key, label }) => (
                  <th
                    key={key}
                    scope="colgroup"
                    colSpan={node.images.length}
                    className="border-line border-l px-2 py-1 font-medium"
                  >
                    {label}
                  </th>
                ))}
              </tr>
              <tr>
                {read.map(({ key }) =>
                  node.images.map(({ cropId, plane }, at) => (
                    <th
                      key={`${key} ${cropId}`}
                      scope="col"
                      className={cn("border-line border-b px-2 py-1 font-normal text-soft", at === 0 && "border-l")}
                    >
                      {plane}
                    </th>
                  )),
                )}
              </tr>
            </thead>
            <tbody>
              {readers.map((reader) => (
                <tr key={reader}>
                  <th scope="row" className="border-line border-b px-2 py-1 text-left font-medium">
                    {reader}
                  </th>
                  {read.map(({ key }) => {
                    const at = parties.findIndex((party) => party.reader === reader && party.condition === key);
                    return (
                      <Fragment key={key}>
                        {node.images.map(({ cropId, calls, confidences }, i) => (
                          <td key={cropId} className={cn("border-line border-b px-2 py-1", i === 0 && "border-l")}>
                            <Call call={calls[at] ?? null} confidence={confidences[at] ?? null} truth={truth} />
                          </td>
                        ))}
                      </Fragment>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <p className="mt-3 max-w-prose text-soft text-sm">{t(run ? "caption" : "captionReaders")}</p>
    </article>
  );
}

/** A call with its sign, its confidence, and a cross where pathology says otherwise. */
function Call({ call, confidence, truth }: { call: 0 | 1 | null; confidence: number | null; truth: 0 | 1 | null }) {
  const t = useTranslations("cases");
  if (call === null) return <span className="text-soft">–</span>;
  const isWrong = truth !== null && call !== truth;
  return (
    <span className={isWrong ? "whitespace-nowrap font-medium text-danger" : "whitespace-nowrap"}>
      <span className="sr-only">{t(call === 1 ? "positive" : "negative")}</span>
      <span aria-hidden="true">{call === 1 ? "+" : "−"}</span>
      {confidence === null ? null : <span className="numbers"> {confidence}</span>}
      {isWrong ? (
        <>
          {" "}
          <span aria-hidden="true">✗</span>
          <span className="sr-only">{t("wrong")}</span>
        </>
      ) : null}
    </span>
  );
}

/** A crop, or one of its overlays, with what the network made of it. */
function ImageView({ study, node, image }: { study: string; node: ExploredNode; image: ExploredImage }) {
  const t = useTranslations("cases");
  const method = useTranslations("models.explain.method");
  const [overlaid, setOverlaid] = useState<string | null>(null);
  const overlay = image.overlays.find(({ taskId }) => taskId === overlaid);
  const isRight = isNetworkRight(image, truthOf(node));
  const { subject, label } = node;
  // One that was not looked for stands back; its words stay as readable as the others'.
  const picture = cn("h-full w-full object-contain", !image.answers && "opacity-60");
  return (
    <figure>
      <div className="flex aspect-square items-center justify-center rounded-md bg-image p-2">
        {overlay ? (
          <img
            src={`/api/studies/${study}/tasks/${overlay.taskId}`}
            alt={t("overlayAlt", { method: method(overlay.method), subject, node: label, plane: image.plane })}
            className={picture}
          />
        ) : (
          <CropImage
            study={study}
            crop={{ sha256: image.sha256 }}
            alt={t("alt", { subject, node: label, plane: image.plane })}
            className={picture}
          />
        )}
      </div>
      <figcaption className="mt-1.5 grid gap-1 text-sm">
        <span className="font-medium">{image.plane}</span>
        {image.network ? (
          <span className="numbers text-soft">
            {t("score", {
              score: image.network.score.toFixed(3),
              call: image.network.isPositive ? "positive" : "negative",
            })}{" "}
            {isRight === false ? (
              <span className="whitespace-nowrap font-medium text-danger">
                {t("wrong")} <span aria-hidden="true">✗</span>
              </span>
            ) : null}
          </span>
        ) : null}
        {image.overlays.length > 0 ? (
          <span className="no-print flex flex-wrap gap-1">
            {image.overlays.map(({ taskId, method: key }) => (
              <Button
                key={taskId}
                className="min-h-7 px-2 py-0 text-sm aria-pressed:bg-raised"
                aria-pressed={overlaid === taskId}
                onClick={() => setOverlaid(overlaid === taskId ? null : taskId)}
              >
                {method(key)}
              </Button>
            ))}
          </span>
        ) : null}
      </figcaption>
    </figure>
  );
}
