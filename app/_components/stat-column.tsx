import type { ColumnDef } from "@tanstack/react-table";
import type { ReactNode } from "react";
import { Stat, type StatValue } from "./stat";

/**
 * A column of estimates: sorted by the estimate, with notes below the table, and in the CSV as estimate, limits and note.
 * @param about.of the estimate of a row; null where there is none to be
 * @param about.none what stands there then
 */
export function statColumn<T>(about: {
  id: string;
  header: string;
  of: (row: T) => StatValue | null;
  as: "percent" | "number" | ((row: T) => "percent" | "number");
  none?: ReactNode;
}): ColumnDef<T, never> {
  const { id, header, of, as, none = "–" } = about;
  return {
    id,
    header,
    accessorFn: (row) => of(row)?.estimate ?? null,
    cell: ({ row: { original } }) => {
      const value = of(original);
      return value ? <Stat value={value} as={typeof as === "function" ? as(original) : as} /> : none;
    },
    meta: { numeric: true, stat: of },
  } as ColumnDef<T, never>;
}
