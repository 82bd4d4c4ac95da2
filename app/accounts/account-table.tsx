"use client";

import { useMutation } from "@tanstack/react-query";
import { createColumnHelper } from "@tanstack/react-table";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Badge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { TextField } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { Accounts } from "@/server/schemas/account";

type Row = Accounts[number];
const column = createColumnHelper<Row>();

/** Everybody who could sign in. @param own the address of whoever looks: nobody closes their own account */
export function AccountTable({ accounts, own }: { accounts: Accounts; own: string }) {
  const t = useTranslations("accounts");
  const { named, list } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const [made, setMade] = useState<{ email: string; link: string | null; hours: number } | null>(null);
  const close = useMutation(trpc.accounts.close.mutationOptions({ onSuccess: () => router.refresh() }));
  const makeLink = useMutation(
    trpc.accounts.makePasswordLink.mutationOptions({
      onSuccess: (link, { email }) => {
        setMade({ email, ...link });
        router.refresh();
      },
    }),
  );
  const isBusy = close.isPending || makeLink.isPending;
  const problem = close.error ?? makeLink.error;
  const rightsOf = ({ administrator, mayCreateStudies, demonstration }: Row) =>
    list([
      ...(administrator ? [t("administrator")] : []),
      ...(mayCreateStudies ? [t("createsStudies")] : []),
      ...(demonstration ? [t("demonstration")] : []),
    ]);
  return (
    <>
      {problem ? <ProblemList {...problemOf(problem)} /> : null}
      <DataTable<Row>
        name={t("people")}
        rows={accounts}
        empty={<EmptyState title={t("empty")} />}
        columns={[
          column.accessor("name", { header: t("columns.name") }),
          column.accessor("email", {
            header: t("columns.email"),
            cell: ({ getValue }) => <span className="wrap-anywhere">{getValue()}</span>,
          }),
          column.accessor((row) => rightsOf(row) || "–", { id: "rights", header: t("columns.rights") }),
          column.accessor((row) => row.since.getTime(), {
            id: "since",
            header: t("columns.since"),
            cell: ({ row }) => <When at={row.original.since} date />,
            meta: { csv: (row) => row.since.toISOString() },
          }),
          column.accessor((row) => (row.closedAt ? t("closed") : t("open")), {
            id: "state",
            header: t("columns.state"),
            cell: ({ row, getValue }) =>
              row.original.closedAt ? (
                <Badge tone="neutral" shape="○">
                  {getValue()}
                </Badge>
              ) : (
                <Badge tone="success" shape="✓">
                  {getValue()}
                </Badge>
              ),
          }),
          column.display({
            id: "action",
            header: t("columns.action"),
            cell: ({ row: { original } }) => {
              const { id: personId, email, name, closedAt } = original;
              const change = closedAt ? t("reopen") : t("close");
              return (
                <span className="flex flex-wrap gap-1">
                  {email === own ? null : (
                    <Button
                      kind="quiet"
                      disabled={isBusy}
                      onClick={() => close.mutate({ personId, closed: closedAt === null })}
                      aria-label={named(change, name)}
                    >
                      {change}
                    </Button>
                  )}
                  {closedAt ? null : (
                    <Button
                      kind="quiet"
                      disabled={isBusy}
                      onClick={() => makeLink.mutate({ email })}
                      aria-label={named(t("link"), name)}
                    >
                      {t("link")}
                    </Button>
                  )}
                </span>
              );
            },
          }),
        ]}
      />
      <ConfirmDialog
        open={made !== null}
        onOpenChange={() => setMade(null)}
        title={t("linkMade", { email: made?.email ?? "" })}
        action={null}
      >
        {made?.link ? (
          <>
            <p>{t("linkShown", { email: made.email, hours: made.hours })}</p>
            <TextField label={t("linkLabel")} value={made.link} readOnly onFocus={(event) => event.target.select()} />
          </>
        ) : (
          <p>{made ? t("linkMailed", { email: made.email, hours: made.hours }) : null}</p>
        )}
      </ConfirmDialog>
    </>
  );
}
