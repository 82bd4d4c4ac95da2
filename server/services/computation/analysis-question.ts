import type { analysis } from "@/db/schema";

/** What an analysis is asked for: after the lock these decide every number of it. */
export type AnalysisQuestion = Omit<typeof analysis.$inferSelect, "id">;
