import type { RunTask } from "@/server/schemas/model";
import { store } from "@/server/store";

/** Which of some tasks made an export that is no longer in the store: it can be asked for again. Asks the store, so outside any transaction. */
export async function withMissingFiles(tasks: readonly RunTask[]): Promise<(RunTask & { fileIsMissing: boolean })[]> {
  return Promise.all(
    tasks.map(async (task) => ({
      ...task,
      fileIsMissing: task.kind === "export" && task.resultSha256 !== null && !(await store.has(task.resultSha256)),
    })),
  );
}
