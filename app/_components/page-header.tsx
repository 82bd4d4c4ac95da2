import type { ReactNode } from "react";

/** The head of every page: what it is, the answer to its question in the first line, and the one primary action at the same place. */
export function PageHeader({ title, answer, action }: { title: string; answer?: ReactNode; action?: ReactNode }) {
  return (
    <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1>{title}</h1>
        {answer ? <p className="mt-1 text-lg text-soft">{answer}</p> : null}
      </div>
      {action ? <div className="no-print flex max-w-full shrink-0 flex-wrap gap-2">{action}</div> : null}
    </header>
  );
}

/** A titled part of a page. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className="mb-10">
      <div className="mb-3 flex flex-wrap items-baseline justify-between gap-2">
        <h2>{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  );
}

export function Card({ children, className = "" }: { children: ReactNode; className?: string }) {
  return <div className={`rounded-md border border-line bg-surface p-4 sm:p-6 ${className}`}>{children}</div>;
}
