import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Card, Section } from "@/app/_components/page-header";
import { Hash, When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { usePerson } from "@/app/_i18n/person";
import { useSay } from "@/app/_lib/use-say";
import { regimenInWords, wordsOf } from "@/core/protocol/regimen-in-words";
import type { Run } from "@/server/schemas/model";

/** What was trained on what, with what and by whom. */
export function RunRecord({ run }: { run: Run }) {
  const t = useTranslations("models.record");
  const person = usePerson();
  const title = useTranslations("models.run");
  const say = useSay();
  const words = wordsOf(say);
  const { whole, comma } = useFormat();
  const { environment, figures, config } = run;
  return (
    <Section title={title("record")}>
      <Card>
        <dl className="grid grid-cols-[max-content_1fr] gap-x-6 gap-y-2 max-sm:grid-cols-1 max-sm:gap-y-0 max-sm:[&_dd]:mb-2">
          <Row name={t("data")}>{t("dataValue", { images: run.images, patients: run.patients })}</Row>
          {config.trainable === "elsewhere" ? null : (
            <Row name={t("near")}>{t("nearValue", { count: run.nearDuplicates, unit: config.splitUnit })}</Row>
          )}
          <Row name={t("snapshot")}>
            <Hash value={run.snapshotSha256} />
          </Row>
          {config.trainable === "elsewhere" ? (
            <>
              <Row name={words("card.label.provenance")}>{config.provenance}</Row>
              <Row name={words("card.label.file")}>{config.sourceFile}</Row>
            </>
          ) : null}
          {regimenInWords(config, words).map(([name, value]) => (
            <Row key={name} name={name}>
              {value}
            </Row>
          ))}
          {config.trainable === "baseline" ? (
            <Row name={words("card.label.engine")}>{words("card.no_engine")}</Row>
          ) : environment ? (
            <>
              <Row name={words("card.label.engine")}>
                {words("card.engine", {
                  engine: environment.engine,
                  version: environment.version,
                  device: environment.device,
                  threads: environment.threads,
                  node: environment.node,
                })}
                {environment.card ? (
                  <p className="mt-1 text-soft text-sm">
                    {words("card.card", { name: environment.device, ...environment.card })}
                  </p>
                ) : null}
              </Row>
              {environment.slowerThan ? (
                <Row name={words("card.label.slower")}>
                  {say(environment.slowerThan)}
                  {environment.engine === "portable" ? (
                    <p className="mt-1 text-soft text-sm">
                      {t("install")} <code className="whitespace-nowrap font-mono">npm run engine -- install</code>
                    </p>
                  ) : null}
                </Row>
              ) : null}
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
            {person(run.createdBy)}
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
