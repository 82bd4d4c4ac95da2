import { z } from "zod";
import { said } from "@/core/words/said";
import { jobState } from "./job";

/** In which language a report is written. */
export const reportLanguage = z.enum(["en", "zh"]);

/** The forms in which a report is handed out. */
export const reportFormat = z.enum(["docx", "pdf"]);
export type ReportFormat = z.infer<typeof reportFormat>;

/** How far a report is; its id is the report's. */
export const reportJob = z.object({
  id: z.uuid(),
  state: jobState,
  done: z.int(),
  total: z.int(),
  error: said.nullable(),
  language: reportLanguage,
});
export type ReportJob = z.infer<typeof reportJob>;
