import { useQuery } from "@tanstack/react-query";
import { useTRPC } from "@/app/_lib/trpc";
import type { DisplayCheckAsked } from "@/server/schemas/reading";

/** What is asked of the screen before a case is opened, as it came with the page, until it is asked for again; null: nothing. */
export function useDisplayCheck(study: string, displayCheck: DisplayCheckAsked | null) {
  const { data, isFetching, refetch } = useQuery(
    useTRPC().reading.displayCheckDue.queryOptions(
      { study },
      { initialData: displayCheck, staleTime: Number.POSITIVE_INFINITY },
    ),
  );
  return { asked: data, isAsking: isFetching, askAgain: () => void refetch() };
}
