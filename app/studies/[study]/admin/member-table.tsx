"use client";

import { useMutation } from "@tanstack/react-query";
import { createColumnHelper } from "@tanstack/react-table";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { DataTable } from "@/app/_components/data-table";
import { ProblemList } from "@/app/_components/problem-list";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { useSay } from "@/app/_lib/use-say";
import type { Members } from "@/server/schemas/study";
import { ConfirmMember } from "./confirm-member";

type Row = Members[number];
const column = createColumnHelper<Row>();

/** That a role waits for a second person: who gave it, and why whoever looks is not that person. */
function Waiting({ member }: { member: Row }) {
  const t = useTranslations("admin");
  const say = useSay();
  return (
    <>
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone="warning" shape="●">
          {t("waits")}
        </Badge>
        {member.givenBy ? <span className="text-soft text-sm">{t("givenBy", { by: member.givenBy })}</span> : null}
      </p>
      {member.obstacle ? <p className="max-w-md text-soft text-sm">{say(member.obstacle)}</p> : null}
    </>
  );
}

export function MemberTable({ study, members, empty }: { study: string; members: Members; empty: ReactNode }) {
  const t = useTranslations();
  const { named } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const end = useMutation(trpc.admin.endMember.mutationOptions({ onSuccess: () => router.refresh() }));
  return (
    <>
      {end.error ? <ProblemList {...problemOf(end.error)} /> : null}
      <DataTable<Row>
        name={t("admin.members")}
        rows={members}
        empty={empty}
        columns={[
          column.accessor("name", { header: t("admin.columns.name") }),
          column.accessor("email", { header: t("admin.columns.email") }),
          column.accessor((row) => t(`frame.role.${row.role}`), { id: "role", header: t("admin.columns.role") }),
          column.accessor((row) => row.readerCode ?? "–", { id: "code", header: t("admin.columns.code") }),
          column.accessor((row) => row.since.getTime(), {
            id: "since",
            header: t("admin.columns.since"),
            cell: ({ row }) => <When at={row.original.since} date />,
          }),
          column.display({
            id: "state",
            header: t("admin.columns.state"),
            cell: ({ row }) =>
              row.original.endedAt ? (
                <span className="text-soft">{t("admin.ended")}</span>
              ) : (
                <div className="grid gap-1.5">
                  {row.original.waits ? <Waiting member={row.original} /> : null}
                  <div className="flex gap-2">
                    {row.original.waits && !row.original.obstacle ? (
                      <ConfirmMember study={study} member={row.original} />
                    ) : null}
                    <Button
                      kind="quiet"
                      disabled={end.isPending}
                      onClick={() => end.mutate({ study, membershipId: row.original.id })}
                      aria-label={named(t("admin.end"), row.original.name)}
                    >
                      {t("admin.end")}
                    </Button>
                  </div>
                </div>
              ),
          }),
        ]}
      />
    </>
  );
}
