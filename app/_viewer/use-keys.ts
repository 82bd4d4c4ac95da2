import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTRPC } from "@/app/_lib/trpc";
import { chosenOf, type Keys, keysOf } from "./keys";

const name = "viewer_keys";

/** The keys of the viewer, of whoever is signed in. */
export function useKeys(): Keys {
  const trpc = useTRPC();
  const { data } = useQuery(trpc.person.keys.queryOptions({ name }, { staleTime: Number.POSITIVE_INFINITY }));
  return useMemo(() => keysOf(data ?? {}), [data]);
}

/** Keeps other keys for this person; they count once the server has them. */
export function useChooseKeys() {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const choose = useMutation(
    trpc.person.chooseKeys.mutationOptions({
      onSuccess: (_, { keys }) => queries.setQueryData(trpc.person.keys.queryKey({ name }), keys),
    }),
  );
  return {
    choose: (keys: Keys) => choose.mutate({ name, keys: chosenOf(keys) }),
    error: choose.error,
    isPending: choose.isPending,
  };
}
