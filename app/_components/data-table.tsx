"use client";

import {
  type ColumnDef,
  flexRender,
  getCoreRowModel,
  getFilteredRowModel,
  getSortedRowModel,
  type RowData,
  type SortingState,
  useReactTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { stringify } from "csv-stringify/browser/esm/sync";
import { useTranslations } from "next-intl";
import { type ReactNode, useRef, useState } from "react";
import { save } from "@/app/_lib/save";
import { useSay } from "@/app/_lib/use-say";
import { harmless, utf8Mark } from "@/core/text/spreadsheet";
import { type Cell, workbook, workbookType } from "@/core/text/workbook";
import { Button } from "./button";
import { cn } from "./class-names";
import { BelowHeading, Footnotes, HeadingMarks, notesOf, useInCommon } from "./footnotes";
import type { StatValue } from "./stat";

declare module "@tanstack/react-table" {
  interface ColumnMeta<TData extends RowData, TValue> {
    /** Numbers stand right-aligned, with equal decimals. */
    numeric?: boolean;
    /** What the CSV holds, where the cell shows something else. */
    csv?: (row: TData) => string | number | null;
    /** The estimate of the cell (`statColumn`): its limits and notes are columns of the CSV, its notes stand below the table. */
    stat?: (row: TData) => StatValue | null;
  }
}

/** Above this many rows only those in sight are drawn. */
const virtualFrom = 200;
const rowHeight = 37;

/**
 * The one table: sort by a header, filter by text, download as CSV or for Excel; cards on a phone.
 * @param empty what stands there without rows
 */
export function DataTable<T>({
  name,
  columns,
  rows,
  empty,
  filter = rows.length > 10,
  leaks,
}: {
  /** Accessible name, and the name of the CSV file. */
  name: string;
  columns: ColumnDef<T, never>[];
  rows: readonly T[];
  empty: ReactNode;
  filter?: boolean;
  /** Rows whose numbers come from a split that leaks: the CSV says so beside them. */
  leaks?: (row: T) => boolean;
}) {
  const t = useTranslations("parts.table");
  const words = useTranslations("parts");
  const say = useSay();
  const inCommon = useInCommon();
  const [sorting, setSorting] = useState<SortingState>([]);
  const [search, setSearch] = useState("");
  const table = useReactTable<T>({
    data: rows as T[],
    columns,
    state: { sorting, globalFilter: search },
    onSortingChange: setSorting,
    onGlobalFilterChange: setSearch,
    getCoreRowModel: getCoreRowModel(),
    getSortedRowModel: getSortedRowModel(),
    getFilteredRowModel: getFilteredRowModel(),
  });
  const shown = table.getRowModel().rows;
  const scroller = useRef<HTMLDivElement>(null);
  const isVirtual = shown.length > virtualFrom;
  const virtualizer = useVirtualizer({
    count: isVirtual ? shown.length : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 20,
  });
  const items = isVirtual ? virtualizer.getVirtualItems() : [];
  const above = items[0]?.start ?? 0;
  const below = isVirtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;
  const drawn = isVirtual ? items.flatMap((item) => shown[item.index] ?? []) : shown;

  if (rows.length === 0) return <>{empty}</>;

  const stats = table.getAllLeafColumns().flatMap((column) => column.columnDef.meta?.stat ?? []);
  const leaves = table
    .getAllLeafColumns()
    .filter((column) => typeof column.columnDef.header === "string" && column.columnDef.header !== "");
  /** Of each column of estimates what all of them carry. */
  const atHeading = new Map(
    table.getAllLeafColumns().map(({ id, columnDef: { meta } }) => {
      const stat = meta?.stat;
      return [id, stat ? inCommon(drawn.flatMap((row) => stat(row.original) ?? [])) : []];
    }),
  );
  const inCsv = (value: StatValue | null): Cell[] => [
    value?.estimate ?? null,
    value?.lower ?? null,
    value?.upper ?? null,
    value ? notesOf(value).map(say).join("; ") : null,
  ];

  /** Every row that is shown, with the limits and notes of an estimate in columns of their own. */
  function lines(): Cell[][] {
    return shown.map((row) => [
      ...leaves.flatMap((column): Cell[] => {
        const { stat, csv } = column.columnDef.meta ?? {};
        if (stat) return inCsv(stat(row.original));
        if (csv) return [csv(row.original)];
        const value: unknown = column.accessorFn ? row.getValue(column.id) : null;
        return [typeof value === "number" ? value : String(value ?? "")];
      }),
      ...(leaks ? [leaks(row.original) ? words("leaks") : ""] : []),
    ]);
  }

  /** The same columns always, by names that stay; what stands in them is in the language of the page. */
  function csvFile(): Blob {
    const names = leaves.flatMap(({ id, columnDef: { meta } }) => {
      const name = id.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase();
      return meta?.stat ? [name, `${name}_lower`, `${name}_upper`, `${name}_note`] : [name];
    });
    const text = stringify([[...names, ...(leaks ? ["caution"] : [])], ...lines()], { cast: { string: harmless } });
    return new Blob([utf8Mark, text], { type: "text/csv" });
  }

  function excelFile(): Blob {
    const headers = leaves.flatMap(({ columnDef }) => {
      const header = String(columnDef.header);
      return columnDef.meta?.stat
        ? [header, t("lower", { header }), t("upper", { header }), t("note", { header })]
        : [header];
    });
    const rows = [[...headers, ...(leaks ? [t("caution")] : [])], ...lines()];
    return new Blob([workbook([{ name, rows }])], { type: workbookType });
  }

  return (
    <div>
      <div className="no-print mb-2 flex flex-wrap items-center justify-between gap-2">
        {filter ? (
          <input
            type="search"
            aria-label={t("filter", { name })}
            placeholder={t("filterHint")}
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            className="min-h-9 w-64 max-w-full rounded-md border border-line-strong bg-surface px-2.5 text-base max-sm:min-h-11"
          />
        ) : (
          <span />
        )}
        <span className="flex gap-1">
          <Button kind="quiet" onClick={() => save(csvFile(), `${name}.csv`)}>
            {t("csv")}
          </Button>
          <Button kind="quiet" onClick={() => save(excelFile(), `${name}.xlsx`)}>
            {t("excel")}
          </Button>
        </span>
      </div>
      <Footnotes of={drawn.flatMap((row) => stats.flatMap((stat) => stat(row.original) ?? []))}>
        <div
          ref={scroller}
          className={cn(
            "overflow-x-auto rounded-md border border-line bg-surface",
            isVirtual && "max-h-[70vh] overflow-y-auto",
          )}
        >
          <table aria-label={name} className="w-full border-collapse text-sm max-sm:block">
            <thead className="sticky top-0 z-10 bg-raised text-left max-sm:sr-only">
              {table.getHeaderGroups().map((group) => (
                <tr key={group.id}>
                  {group.headers.map((header) => {
                    const sorted = header.column.getIsSorted();
                    const numeric = header.column.columnDef.meta?.numeric;
                    return (
                      <th
                        key={header.id}
                        scope="col"
                        aria-sort={sorted === "asc" ? "ascending" : sorted === "desc" ? "descending" : undefined}
                        className={cn("border-line border-b px-3 py-2 font-medium", numeric && "text-right")}
                      >
                        {header.column.getCanSort() ? (
                          <button
                            type="button"
                            onClick={header.column.getToggleSortingHandler()}
                            className="font-medium print:hidden"
                          >
                            {flexRender(header.column.columnDef.header, header.getContext())}
                            <HeadingMarks texts={atHeading.get(header.column.id) ?? []} />
                            <span aria-hidden="true">{sorted === "asc" ? " ↑" : sorted === "desc" ? " ↓" : ""}</span>
                          </button>
                        ) : (
                          flexRender(header.column.columnDef.header, header.getContext())
                        )}
                        {/* The head is there again on each page of print, where a button is left blank. */}
                        {header.column.getCanSort() ? (
                          <span aria-hidden="true" className="hidden print:inline">
                            {flexRender(header.column.columnDef.header, header.getContext())}
                            <HeadingMarks texts={atHeading.get(header.column.id) ?? []} />
                          </span>
                        ) : null}
                      </th>
                    );
                  })}
                </tr>
              ))}
            </thead>
            <tbody className="max-sm:block">
              {above > 0 ? <tr style={{ height: above }} /> : null}
              {drawn.map((row) => (
                <tr
                  key={row.id}
                  className="border-line border-b last:border-b-0 hover:bg-raised max-sm:block max-sm:px-3 max-sm:py-2"
                >
                  {row.getVisibleCells().map((cell) => (
                    <td
                      key={cell.id}
                      data-label={typeof cell.column.columnDef.header === "string" ? cell.column.columnDef.header : ""}
                      className={cn(
                        "px-3 py-2 align-top sm:[&_button]:-my-1.5 max-sm:flex max-sm:justify-between max-sm:gap-4 max-sm:px-0 max-sm:py-0.5 max-sm:before:shrink-0 max-sm:before:text-soft max-sm:before:content-[attr(data-label)]",
                        cell.column.columnDef.meta?.numeric && "text-right",
                      )}
                    >
                      <BelowHeading texts={atHeading.get(cell.column.id) ?? []}>
                        {flexRender(cell.column.columnDef.cell, cell.getContext())}
                      </BelowHeading>
                    </td>
                  ))}
                </tr>
              ))}
              {below > 0 ? <tr style={{ height: below }} /> : null}
            </tbody>
          </table>
        </div>
      </Footnotes>
      {shown.length === 0 ? <p className="px-1 py-3 text-soft">{t("noMatch", { search })}</p> : null}
    </div>
  );
}
