"use client";

import { useEffect, useRef } from "react";

/** What went wrong, what was kept and what to do; takes the focus when it appears. */
export function ProblemList({ message, problems = [] }: { message: string; problems?: readonly string[] }) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.focus(), []);
  return (
    <div ref={box} role="alert" tabIndex={-1} className="rounded-md border border-danger bg-danger-soft px-4 py-3">
      <p className="font-medium text-danger">{message}</p>
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
