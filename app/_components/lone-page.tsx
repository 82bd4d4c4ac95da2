import type { ReactNode } from "react";
import { EmptyState } from "./empty-state";

/** A page outside any study that says one thing, and what to do next. */
export function LonePage({ title, action, children }: { title: string; action: ReactNode; children: ReactNode }) {
  return (
    <main className="mx-auto max-w-2xl px-4 py-24">
      <EmptyState title={title} action={action}>
        {children}
      </EmptyState>
    </main>
  );
}
