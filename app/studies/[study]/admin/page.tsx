import { getLocale, getTranslations } from "next-intl/server";
import { Badge } from "@/app/_components/badge";
import { EmptyState } from "@/app/_components/empty-state";
import { PageHeader, Section } from "@/app/_components/page-header";
import { Hash, When } from "@/app/_components/values";
import { formatIn } from "@/app/_i18n/format";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { AddMember } from "./add-member";
import { MemberTable } from "./member-table";
import { NewProtocolVersion } from "./new-protocol-version";
import { SiteZone } from "./site-zone";

export const generateMetadata = pageTitle("admin.title");

export default async function AdminPage({ params }: { params: Promise<{ study: string }> }) {
  const { study } = await params;
  const t = await getTranslations("admin");
  const model = await getTranslations("model");
  const by = (name: string | null) => t("by", { by: name ?? model("not_a_member") });
  const { named } = formatIn(await getLocale());
  const { members, protocols, sites, frame } = await load(async (api) => ({
    members: await api.admin.members({ study }),
    protocols: await api.admin.protocols({ study }),
    sites: await api.admin.sites({ study }),
    frame: await api.study.frame({ study }),
  }));
  const active = members.filter((member) => member.endedAt === null);
  const highest = Math.max(
    1,
    ...active.map((member) => Number(/^R(\d{1,3})$/.exec(member.readerCode ?? "")?.[1] ?? 1)),
  );
  return (
    <>
      <PageHeader
        title={t("title")}
        answer={t("answer", {
          count: new Set(active.map((member) => member.email)).size,
          version: frame.study.protocolVersion,
        })}
        action={<AddMember study={study} nextCode={`R${highest + 1}`} />}
      />
      <Section title={t("members")}>
        <MemberTable study={study} members={members} empty={<EmptyState title={t("empty")} />} />
      </Section>
      <Section title={t("protocols")}>
        <p className="mb-3 text-soft">{t("protocolHint")}</p>
        <ol className="mb-4 grid gap-3">
          {protocols.map((version) => (
            <li key={version.id} className="rounded-md border border-line bg-surface p-4">
              <p className="flex flex-wrap items-center gap-2">
                <span className="font-medium">{t("version", { version: version.version })}</span>
                {version.current ? (
                  <Badge tone="success" shape="✓">
                    {t("current")}
                  </Badge>
                ) : null}
                <Hash value={version.sha256} />
              </p>
              <p className="mt-1 text-soft text-sm">
                <When at={version.createdAt} />{" "}
                {version.reason ? named(by(version.createdBy), version.reason) : by(version.createdBy)}
              </p>
              <details className="mt-2">
                <summary className="cursor-pointer text-sm">{t("view")}</summary>
                <pre className="mt-2 max-h-96 overflow-auto rounded-md bg-raised p-3 font-mono text-xs">
                  {version.source}
                </pre>
              </details>
            </li>
          ))}
        </ol>
        {frame.study.state === "locked" ? null : (
          <NewProtocolVersion study={study} initial={protocols.find((version) => version.current)?.source ?? ""} />
        )}
      </Section>
      <Section title={t("sites")}>
        <p className="mb-3 text-soft">{t("site.hint")}</p>
        <div className="grid gap-4">
          {sites.map((site) => (
            <SiteZone key={site.id} study={study} site={site} zones={Intl.supportedValuesOf("timeZone")} />
          ))}
        </div>
      </Section>
    </>
  );
}
