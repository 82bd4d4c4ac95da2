import Link from "next/link";
import { useTranslations } from "next-intl";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { useSay } from "@/app/_lib/use-say";
import type { ComparisonOutput } from "@/server/schemas/analysis";

const link = "text-accent underline underline-offset-2";

/** Which run is the network in every number of the page, and the way back from one that the address named. */
export function ComparedRun({
  study,
  run,
  isNamed,
}: {
  study: string;
  run: NonNullable<ComparisonOutput["about"]["run"]>;
  isNamed: boolean;
}) {
  const t = useTranslations("analysis.run");
  const { comma, stop } = useFormat();
  const say = useSay();
  return (
    <p className="mb-6 text-soft">
      {t("is", { kind: run.trainable })}{" "}
      <Link className={link} href={`/studies/${study}/models/${run.id}`}>
        {t("open", { id: run.id.slice(0, 8) })}
      </Link>
      {run.endedAt ? (
        <>
          {comma}
          <When at={run.endedAt} />
        </>
      ) : null}
      {stop}
      {run.cautions.map((caution) => `${t("caution", { caution: say(caution) })} `)}
      {isNamed ? (
        <Link className={link} href={`/studies/${study}/analysis`}>
          {t("newest")}
        </Link>
      ) : null}
    </p>
  );
}
