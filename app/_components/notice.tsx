import type { ReactNode } from "react";
import type { Tone } from "./badge";
import { cn } from "./class-names";

const tones: Record<Exclude<Tone, "neutral">, string> = {
  info: "border-info bg-info-soft",
  success: "border-success bg-success-soft",
  warning: "border-warning bg-warning-soft",
  danger: "border-danger bg-danger-soft",
};

/** A remark that stays on the page. */
export function Notice({
  tone = "info",
  title,
  children,
}: {
  tone?: keyof typeof tones;
  title?: string;
  children: ReactNode;
}) {
  return (
    <div role="note" className={cn("mb-6 rounded-md border-l-4 px-4 py-3", tones[tone])}>
      {title ? <p className="font-medium">{title}</p> : null}
      <div>{children}</div>
    </div>
  );
}
