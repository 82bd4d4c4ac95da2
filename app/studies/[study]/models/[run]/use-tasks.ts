import { useMutation, useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/app/_lib/trpc";
import type { RunTask, TaskInput } from "@/server/schemas/model";

export type ListedTask = ReturnType<typeof useTasks>["tasks"][number];

const pollEvery = 1_500;

export const isUnderWay = (task: RunTask | undefined): boolean => task?.state === "queued" || task?.state === "running";

/** What a run was asked for, newest first; looked at again while something is under way. */
export function useTasks(study: string, runId: string) {
  const trpc = useTRPC();
  const tasks = useQuery(
    trpc.model.tasks.queryOptions(
      { study, runId },
      { refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? pollEvery : false) },
    ),
  );
  const request = useMutation(trpc.model.requestTask.mutationOptions({ onSuccess: () => tasks.refetch() }));
  const newestFirst = (tasks.data ?? []).toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime());
  return {
    tasks: newestFirst,
    isLoading: tasks.isPending,
    error: tasks.error ?? request.error,
    request: (task: TaskInput) => request.mutate({ study, ...task }),
    isRequesting: request.isPending,
  };
}
