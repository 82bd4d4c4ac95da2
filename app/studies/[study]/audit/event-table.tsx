"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { DataTable } from "@/app/_components/data-table";
import { When } from "@/app/_components/values";

interface Event {
  id: number;
  at: Date;
  by: string;
  role: string;
  action: string;
  entity: string | null;
  entityId: string | null;
  reason: string | null;
}

const column = createColumnHelper<Event>();
const isId = (value: string) => /^[0-9a-f]{8}-/.test(value);

export function EventTable({ events, empty }: { events: readonly Event[]; empty: ReactNode }) {
  const t = useTranslations("audit");
  const named = (action: string) => {
    const key = `action.${action.replace(".", "_")}`;
    return t.has(key as "action.study_created") ? t(key as "action.study_created") : action;
  };
  return (
    <DataTable<Event>
      name={t("title")}
      rows={events}
      empty={empty}
      columns={[
        column.accessor((event) => event.at.getTime(), {
          id: "at",
          header: t("columns.at"),
          cell: ({ row }) => <When at={row.original.at} />,
          meta: { csv: (event) => event.at.toISOString() },
        }),
        column.accessor((event) => named(event.action), {
          id: "action",
          header: t("columns.action"),
          cell: ({ getValue }) => <span className="font-medium">{getValue()}</span>,
        }),
        column.accessor("by", { header: t("columns.by") }),
        column.accessor("role", { header: t("columns.role") }),
        column.accessor(
          (event) =>
            event.entityId === null
              ? ""
              : isId(event.entityId)
                ? `${event.entity?.replaceAll("_", " ")} ${event.entityId.slice(0, 8)}`
                : event.entityId,
          {
            id: "about",
            header: t("columns.about"),
          },
        ),
        column.accessor((event) => event.reason ?? "", { id: "reason", header: t("columns.reason") }),
      ]}
    />
  );
}
