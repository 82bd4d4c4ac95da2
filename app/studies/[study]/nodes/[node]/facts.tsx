import type { ReactNode } from "react";
import { Hash, When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { usePerson } from "@/app/_i18n/person";

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

/** Who wrote something down, and when, with the time zone. */
export function Noted({ by, at }: { by: string | null; at: Date }) {
  const person = usePerson();
  const { comma } = useFormat();
  return (
    <span>
      {person(by)}
      {comma}
      <When at={at} zone />
    </span>
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
