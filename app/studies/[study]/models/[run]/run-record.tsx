import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Card, Section } from "@/app/_components/page-header";
import { Hash, When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { convolutions } from "@/core/network/inception";
import type { Run } from "@/server/schemas/model";
import { frozenIn } from "../frozen-in";
import { useRunName } from "../run-name";
import { useRegimenLines } from "./regimen-lines";

/** What was trained on what, with what and by whom. */
export function RunRecord({ run }: { run: Run }) {
  const t = useTranslations("models.record");
  const split = useTranslations("models.splits");
  const title = useTranslations("models.run");
  const nameOf = useRunName();
  const { whole, comma } = useFormat();
  const regimenLines = useRegimenLines(run.config);
  const { environment, figures, config } = run;
  const frozen = frozenIn(config);
  const elsewhere = config.trainable === "elsewhere";
  return (
    <Section title={title("record")}>
      <Card>
        <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-2 max-sm:grid-cols-1 max-sm:gap-y-0 max-sm:[&_dd]:mb-2">
          <Row name={t("what")}>{nameOf(config)}</Row>
          {frozen === null ? null : (
            <Row name={t("frozen")}>{t("frozenValue", { count: frozen, of: convolutions })}</Row>
          )}
          <Row name={t("data")}>{t("dataValue", { images: run.images, patients: run.patients })}</Row>
          {elsewhere ? null : (
            <>
              <Row name={t("split")}>
                {t("splitValue", { folds: run.folds, unit: split(config.splitUnit), seed: run.seed })}
              </Row>
              <Row name={t("near")}>{t("nearValue", { count: run.nearDuplicates, unit: config.splitUnit })}</Row>
            </>
          )}
          <Row name={t("snapshot")}>
            <Hash value={run.snapshotSha256} />
          </Row>
          {regimenLines.map(({ name, value }) => (
            <Row key={name} name={name}>
              {value}
            </Row>
          ))}
          {environment ? (
            <>
              <Row name={t("engine")}>
                {t("engineValue", {
                  engine: environment.engine,
                  version: environment.version,
                  device: environment.device,
                  threads: environment.threads,
                  node: environment.node,
                })}
                {environment.card ? (
                  <p className="mt-1 text-soft text-sm">
                    {t("cardValue", {
                      capability: environment.card.computeCapability,
                      driver: environment.card.driver ?? t("cardUnknown"),
                      cuda: environment.card.cuda ?? t("cardUnknown"),
                      cudnn: environment.card.cudnn ?? t("cardUnknown"),
                    })}
                  </p>
                ) : null}
                {environment.slowerThan ? (
                  <p className="mt-1 text-soft text-sm">
                    {t("slower")} <span lang="en">{environment.slowerThan}</span>
                  </p>
                ) : null}
                {environment.engine === "portable" ? (
                  <p className="mt-1 text-soft text-sm">
                    {t("install")} <code className="font-mono">npm run engine -- install</code>
                  </p>
                ) : null}
              </Row>
              {environment.weightsSha256 ? (
                <Row name={t("weightsFile")}>
                  <Hash value={environment.weightsSha256} />
                </Row>
              ) : null}
            </>
          ) : null}
          {figures?.imagesPerSecond ? (
            <Row name={t("speed")}>{title("speedValue", { value: figures.imagesPerSecond.toFixed(2) })}</Row>
          ) : null}
          {figures ? (
            <Row name={t("memory")}>{title("memoryValue", { value: whole(figures.peakMemoryMb) })}</Row>
          ) : null}
          <Row name={t("by")}>
            {run.createdBy}
            {comma}
            <When at={run.createdAt} />
          </Row>
          {run.endedAt ? (
            <Row name={t("ended")}>
              <When at={run.endedAt} />
            </Row>
          ) : null}
        </dl>
      </Card>
    </Section>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </>
  );
}
