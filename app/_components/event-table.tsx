"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { type Messages, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import type { AuditEvent } from "@/server/schemas/audit";
import { DataTable } from "./data-table";
import { When } from "./values";

const column = createColumnHelper<AuditEvent>();
/** An identifier or a hash by its beginning; a name as it is. */
const short = (id: string) => (/^[0-9a-f]{8}(-|[0-9a-f]{56}$)/.test(id) ? id.slice(0, 8) : id);

export function EventTable({ events, empty }: { events: readonly AuditEvent[]; empty: ReactNode }) {
  const t = useTranslations("audit");
  const frame = useTranslations("frame.role");
  const roleOf = (role: string) => {
    const inStudy = role as keyof Messages["frame"]["role"];
    const outside = role as keyof Messages["audit"]["role"];
    if (frame.has(inStudy)) return frame(inStudy);
    return t.has(`role.${outside}`) ? t(`role.${outside}`) : role;
  };
  const actionOf = (action: string) => {
    const key = action.replace(".", "_") as keyof Messages["audit"]["action"];
    return t.has(`action.${key}`) ? t(`action.${key}`) : action;
  };
  const aboutOf = ({ entity, entityId }: AuditEvent) => {
    const key = entity as keyof Messages["audit"]["entity"];
    const kind = t.has(`entity.${key}`) ? t(`entity.${key}`) : entity;
    return [kind, ...(entityId ?? "").split(" ").map(short)].filter(Boolean).join(" ");
  };
  return (
    <DataTable<AuditEvent>
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
        column.accessor((event) => actionOf(event.action), {
          id: "action",
          header: t("columns.action"),
          cell: ({ getValue }) => <span className="break-keep font-medium">{getValue()}</span>,
        }),
        column.accessor("by", { header: t("columns.by") }),
        column.accessor((event) => roleOf(event.role), {
          id: "role",
          header: t("columns.role"),
          cell: ({ getValue }) => <span className="break-keep">{getValue()}</span>,
        }),
        column.accessor(aboutOf, { id: "about", header: t("columns.about") }),
        column.accessor((event) => event.reason ?? "", { id: "reason", header: t("columns.reason") }),
      ]}
    />
  );
}
