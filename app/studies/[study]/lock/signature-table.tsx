"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { DataTable } from "@/app/_components/data-table";
import { Hash, When } from "@/app/_components/values";
import type { ListSignature } from "@/server/schemas/reading";

const column = createColumnHelper<ListSignature>();

/** Each list with the signature of its reader, and whether the hash of its reads, computed anew as the page is opened, is the signed one. */
export function SignatureTable({ signatures }: { signatures: readonly ListSignature[] }) {
  const t = useTranslations("lock.signatures");
  return (
    <DataTable<ListSignature>
      name={t("title")}
      rows={signatures}
      empty={null}
      columns={[
        column.accessor("readerCode", { header: t("reader") }),
        column.accessor((row) => row.signature?.name ?? "–", { id: "name", header: t("name") }),
        column.accessor("condition", { header: t("condition") }),
        column.accessor("batch", { header: t("batch"), meta: { numeric: true } }),
        column.accessor("reads", { header: t("reads"), meta: { numeric: true } }),
        column.accessor((row) => (row.signature ? t(`meaning.${row.signature.meaning}`) : "–"), {
          id: "meaning",
          header: t("means"),
        }),
        column.accessor((row) => row.signature?.protocolVersion ?? "–", { id: "protocol", header: t("protocol") }),
        column.accessor((row) => row.signature?.at.getTime() ?? 0, {
          id: "at",
          header: t("at"),
          cell: ({ row: { original } }) => (original.signature ? <When at={original.signature.at} zone /> : t("none")),
          meta: { csv: (row) => row.signature?.at.toISOString() ?? null },
        }),
        column.accessor((row) => row.signature?.sha256 ?? "", {
          id: "sha256",
          header: t("hash"),
          cell: ({ getValue }) => (getValue() ? <Hash value={getValue()} /> : "–"),
        }),
        column.accessor((row) => (row.signature ? t(row.signature.stands ? "same" : "other") : ""), {
          id: "check",
          header: t("check"),
          cell: ({ row: { original }, getValue }) =>
            original.signature ? (
              <Badge
                tone={original.signature.stands ? "success" : "danger"}
                shape={original.signature.stands ? "✓" : "✗"}
              >
                {getValue()}
              </Badge>
            ) : (
              "–"
            ),
        }),
      ]}
    />
  );
}
