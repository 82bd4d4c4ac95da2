import { z } from "zod";
import { locales } from "@/core/words";
import { said } from "@/core/words/said";
import { jobState } from "./job";

/** The forms in which a report is handed out. */
export const reportFormat = z.enum(["docx", "pdf"]);
export type ReportFormat = z.infer<typeof reportFormat>;
export const reportMediaTypes = {
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  pdf: "application/pdf",
} as const satisfies Record<ReportFormat, string>;

/** How far a report is; its id is the report's. */
export const reportJob = z.object({
  id: z.uuid(),
  state: jobState,
  done: z.int(),
  total: z.int(),
  error: said.nullable(),
  /** In which it is written. */
  language: z.enum(locales),
});
export type ReportJob = z.infer<typeof reportJob>;
