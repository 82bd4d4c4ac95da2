import { getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Frame } from "@/app/_components/frame";
import { load } from "@/app/_lib/api";
import { workplaces } from "@/app/_lib/workplaces";

export default async function StudyLayout({
  params,
  children,
}: {
  params: Promise<{ study: string }>;
  children: ReactNode;
}) {
  const { study: slug } = await params;
  const t = await getTranslations("frame");
  const { frame, studies, me } = await load(async (api) => ({
    frame: await api.study.frame({ study: slug }),
    studies: await api.study.list(),
    me: await api.person.me(),
  }));
  const mine = workplaces.filter((workplace) => workplace.actions.some((action) => frame.actions.includes(action)));
  return (
    <Frame
      study={frame.study}
      studies={studies.map(({ slug, name }) => ({ slug, name }))}
      workplaces={mine.map(({ key, path }) => ({ href: `/studies/${slug}${path}`, label: t(`workplace.${key}`) }))}
      person={me}
      roles={frame.roles.map((role) =>
        role === "reader" ? `${t("role.reader")} ${frame.readerCode}` : t(`role.${role}`),
      )}
    >
      {children}
    </Frame>
  );
}
