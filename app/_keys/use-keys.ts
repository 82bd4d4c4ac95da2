import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTRPC } from "@/app/_lib/trpc";
import type { KeyChoices } from "@/server/schemas/account";
import type { KeyBook, Keys } from "./keys";

/**
 * The keys of a page, of whoever is signed in.
 * @param chosen what the page brought of them, where it did: until the answer is there keys do what the book says
 */
export function useKeys<Deed extends string>(book: KeyBook<Deed>, chosen?: KeyChoices): Keys<Deed> {
  const trpc = useTRPC();
  const { data } = useQuery(
    trpc.person.keys.queryOptions(
      { name: book.name },
      { staleTime: Number.POSITIVE_INFINITY, ...(chosen && { initialData: chosen }) },
    ),
  );
  return useMemo(() => book.keysOf(data ?? {}), [book, data]);
}

/** Keeps other keys for this person; they count once the server has them. */
export function useChooseKeys<Deed extends string>({ name, chosenOf }: KeyBook<Deed>) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const choose = useMutation(
    trpc.person.chooseKeys.mutationOptions({
      onSuccess: (_, { keys }) => queries.setQueryData(trpc.person.keys.queryKey({ name }), keys),
    }),
  );
  return {
    choose: (keys: Keys<Deed>) => choose.mutate({ name, keys: chosenOf(keys) }),
    error: choose.error,
    isPending: choose.isPending,
  };
}
