"use client";

import { useMutation } from "@tanstack/react-query";
import { createColumnHelper } from "@tanstack/react-table";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { ProblemList } from "@/app/_components/problem-list";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { Sessions } from "@/server/schemas/account";

type Row = Sessions[number];
const column = createColumnHelper<Row>();

/** Where a person is signed in; each other browser can be signed out from here. */
export function SessionTable({ sessions }: { sessions: Sessions }) {
  const t = useTranslations("account");
  const { named } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const end = useMutation(trpc.person.revokeSession.mutationOptions({ onSuccess: () => router.refresh() }));
  const browserOf = ({ userAgent }: Row) => userAgent || t("unknown");
  return (
    <>
      {end.error ? <ProblemList {...problemOf(end.error)} /> : null}
      <DataTable<Row>
        name={t("sessions")}
        rows={sessions}
        empty={<EmptyState title={t("empty")} />}
        columns={[
          column.accessor(browserOf, {
            id: "browser",
            header: t("columns.browser"),
            cell: ({ getValue }) => <span className="wrap-anywhere">{getValue()}</span>,
          }),
          column.accessor((row) => row.since.getTime(), {
            id: "since",
            header: t("columns.since"),
            cell: ({ row }) => <When at={row.original.since} />,
            meta: { csv: (row) => row.since.toISOString() },
          }),
          column.accessor((row) => row.until.getTime(), {
            id: "until",
            header: t("columns.until"),
            cell: ({ row }) => <When at={row.original.until} />,
            meta: { csv: (row) => row.until.toISOString() },
          }),
          column.display({
            id: "action",
            header: t("columns.action"),
            cell: ({ row }) =>
              row.original.current ? (
                <Badge tone="info" shape="●">
                  {t("here")}
                </Badge>
              ) : (
                <Button
                  kind="quiet"
                  disabled={end.isPending}
                  onClick={() => end.mutate({ sessionId: row.original.id })}
                  aria-label={named(t("end"), browserOf(row.original))}
                >
                  {t("end")}
                </Button>
              ),
          }),
        ]}
      />
    </>
  );
}
