import type { ReactNode } from "react";
import { Hash } from "@/app/_components/values";

/** What is recorded, name by name. */
export function Facts({ children }: { children: ReactNode }) {
  return (
    <dl className="grid grid-cols-[6.5rem_minmax(0,1fr)] content-start gap-x-4 gap-y-1 text-sm sm:grid-cols-[8.5rem_minmax(0,1fr)]">
      {children}
    </dl>
  );
}

/** One of them; without a value the line is left out. */
export function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === null || children === undefined) return null;
  return (
    <>
      <dt className="text-soft">{name}</dt>
      <dd className="numbers min-w-0 break-words">{children}</dd>
    </>
  );
}

/** A hash, whole on paper. */
export function PrintedHash({ value }: { value: string }) {
  return (
    <>
      <span className="print:hidden">
        <Hash value={value} />
      </span>
      <span className="hidden break-all font-mono text-xs print:inline">{value}</span>
    </>
  );
}
