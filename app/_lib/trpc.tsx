"use client";

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink, TRPCClientError } from "@trpc/client";
import { createTRPCContext } from "@trpc/tanstack-react-query";
import { type ReactNode, useState } from "react";
import superjson from "superjson";
import type { AppRouter } from "@/server/api/root";
import { largestBatch } from "@/server/schemas/session";

const context = createTRPCContext<AppRouter>();
export const useTRPC = context.useTRPC;
export const useTRPCClient = context.useTRPCClient;

/** The message and the list of problems of a failed call, as the server wrote them; no message when the server was not reached. */
export function problemOf(error: unknown): {
  message: string | null;
  problems: readonly string[];
  code: string | null;
} {
  if (error instanceof TRPCClientError) {
    const data = error.data as { problems?: string[]; app?: string | null } | null | undefined;
    return { message: error.message, problems: data?.problems ?? [], code: data?.app ?? null };
  }
  return { message: null, problems: [], code: null };
}

/** Whether a call was not answered by the server: nothing was wrong with what was asked, and nobody knows whether it was done. */
export const isOfLine = (error: unknown): boolean => !(error instanceof TRPCClientError) || !error.data;

export function Providers({ children }: { children: ReactNode }) {
  const [queryClient] = useState(
    () => new QueryClient({ defaultOptions: { queries: { staleTime: 5_000, retry: 1 } } }),
  );
  const [client] = useState(() =>
    createTRPCClient<AppRouter>({
      links: [
        splitLink({
          condition: (operation) => operation.type === "subscription",
          true: httpSubscriptionLink({ url: "/api/trpc", transformer: superjson }),
          false: httpBatchLink({ url: "/api/trpc", transformer: superjson, maxItems: largestBatch }),
        }),
      ],
    }),
  );
  return (
    <QueryClientProvider client={queryClient}>
      <context.TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}
