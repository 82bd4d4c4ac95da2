import Link from "next/link";
import { getLocale, getTranslations } from "next-intl/server";
import { Badge, SyntheticBadge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { Noted } from "@/app/_components/noted";
import { PageHeader } from "@/app/_components/page-header";
import { When } from "@/app/_components/values";
import { formatIn } from "@/app/_i18n/format";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { Chain } from "./chain";
import { Crops } from "./crops";
import { Exams } from "./exams";
import { Fact, Facts } from "./facts";
import { Network } from "./network";
import { PrintButton } from "./print-button";
import { ReadTable } from "./read-table";
import { Sizes } from "./sizes";
import { Hidden, Nothing, Station } from "./station";
import { Reports, Specimens } from "./truth";

export const generateMetadata = pageTitle("passport.title");

const isThere = (part: readonly unknown[] | string) => typeof part !== "string" && part.length > 0;

/** Everything that is recorded of a node, from its patient to its score, as far as this role sees it. */
export default async function PassportPage({ params }: { params: Promise<{ study: string; node: string }> }) {
  const { study, node: nodeId } = await params;
  const t = await getTranslations("passport");
  const role = await getTranslations("frame.role");
  const { sentences } = formatIn(await getLocale());
  const { passport, frame } = await load(async (api) => ({
    passport: await api.passport.view({ study, nodeId }),
    frame: await api.study.frame({ study }),
  }));
  const { subject, node, planes, exams, sizes, crops, reads, pathology, network } = passport;
  const name = `${subject.number} ${node.label}`;
  const withSources = passport.sources === "seen";
  const [size] = typeof sizes === "string" ? [] : sizes;
  const cropped = typeof crops === "string" ? null : crops.filter(({ supersededAt }) => supersededAt === null).length;
  const specimens = typeof pathology === "string" ? [] : pathology.filter(({ specimen }) => specimen !== null);
  return (
    <>
      <PageHeader
        title={t("heading", { node: name })}
        answer={sentences(
          size ? t("answerSize", { size: size.shortAxisMm.toFixed(2) }) : null,
          cropped === null ? null : t("answerCrops", { cropped, planes: planes.length }),
          t("seenAs", { role: role(passport.role) }),
        )}
        action={
          <>
            {frame.actions.includes("imaging.view") ? (
              <Button asChild>
                <Link href={`/studies/${study}/imaging/${encodeURIComponent(subject.number)}`}>{t("toImages")}</Link>
              </Button>
            ) : null}
            <PrintButton />
          </>
        }
      />
      <p className="mb-4 hidden flex-wrap items-center gap-x-3 print:flex">
        <span>{t("printed", { study: frame.study.name, version: frame.study.protocolVersion })}</span>
        <When at={new Date()} zone />
        {frame.study.synthetic ? <SyntheticBadge /> : null}
      </p>
      <Chain passport={passport} />
      <Station name="patient" isThere>
        <Facts>
          <Fact name={t("patient.number")}>{subject.number}</Fact>
          <Fact name={t("patient.screened")}>
            <Noted by={subject.by} at={subject.at} />
          </Fact>
          <Fact name={t("patient.enrolled")}>{subject.enrolledAt ? <When at={subject.enrolledAt} zone /> : null}</Fact>
        </Facts>
      </Station>
      <Station name="exam" isThere={isThere(exams)}>
        {typeof exams === "string" ? (
          <Hidden because={exams} />
        ) : exams.length === 0 ? (
          <Nothing name="exam" />
        ) : (
          <Exams exams={exams} />
        )}
      </Station>
      <Station name="node" isThere>
        {node.excluded ? (
          <p>
            <Badge tone="warning" shape="▲">
              {t("node.excluded")}
            </Badge>
          </p>
        ) : null}
        <Facts>
          <Fact name={t("node.label")}>{node.label}</Fact>
          <Fact name={t("node.region")}>{node.region ?? "–"}</Fact>
          <Fact name={t("noted")}>
            <Noted by={node.by} at={node.at} />
          </Fact>
          <Fact name={t("node.excludedBecause")}>{node.excluded?.reason}</Fact>
          <Fact name={t("node.excludedBy")}>
            {node.excluded ? <Noted by={node.excluded.by} at={node.excluded.at} /> : null}
          </Fact>
        </Facts>
      </Station>
      <Station name="size" isThere={isThere(sizes)}>
        {typeof sizes === "string" ? (
          <Hidden because={sizes} />
        ) : sizes.length === 0 ? (
          <Nothing name="size" />
        ) : (
          <Sizes {...{ study, name, sizes, withSources }} />
        )}
        {typeof sizes !== "string" && !withSources ? <p className="text-soft text-sm">{t("sourcesHidden")}</p> : null}
      </Station>
      <Station name="crops" isThere={isThere(crops)}>
        {typeof crops === "string" ? (
          <Hidden because={crops} />
        ) : (
          <Crops {...{ study, name, planes, crops, withSources }} />
        )}
      </Station>
      <Station name="reads" isThere={isThere(reads)}>
        {typeof reads === "string" ? (
          <Hidden because={reads} />
        ) : reads.length === 0 ? (
          <Nothing name="reads" />
        ) : (
          <ReadTable reads={reads} planes={planes} />
        )}
      </Station>
      <Station name="specimen" isThere={specimens.length > 0}>
        {typeof pathology === "string" ? (
          <Hidden because={pathology} />
        ) : specimens.length === 0 ? (
          <Nothing name="specimen" />
        ) : (
          <Specimens reports={pathology} />
        )}
      </Station>
      <Station name="pathology" isThere={isThere(pathology)}>
        {typeof pathology === "string" ? (
          <Hidden because={pathology} />
        ) : pathology.length === 0 ? (
          <Nothing name="pathology" />
        ) : (
          <Reports reports={pathology} />
        )}
      </Station>
      <Station name="network" isThere={typeof network !== "string" && network.scores.length > 0}>
        {typeof network === "string" ? (
          <Hidden because={network} />
        ) : network.run === null || network.scores.length === 0 ? (
          <Nothing name="network" />
        ) : (
          <Network {...{ study, network, planes }} />
        )}
      </Station>
    </>
  );
}
