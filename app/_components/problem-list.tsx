"use client";

import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";

/** What went wrong, what was kept and what to do; takes the focus when it appears. Without a message the server was not reached. */
export function ProblemList({ message, problems = [] }: { message: string | null; problems?: readonly string[] }) {
  const t = useTranslations("parts");
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} role="alert" tabIndex={-1} className="rounded-md border border-danger bg-danger-soft px-4 py-3">
      <p className="font-medium text-danger">{message ?? t("unreachable")}</p>
      {problems.length > 0 ? (
        <ul className="mt-1 list-disc pl-5">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
