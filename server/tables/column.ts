import type { Said } from "@/core/words";

/** A column of a table that goes out, with what stands of it beside the table. */
export interface Column<Row> {
  name: string;
  meaning: Said;
  units?: string;
  of: (row: Row) => string | number | null;
}
