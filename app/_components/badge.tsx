import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { cn } from "./class-names";

const tones = {
  neutral: "border-line-strong text-text",
  success: "border-success bg-success-soft text-success",
  warning: "border-warning bg-warning-soft text-warning",
  danger: "border-danger bg-danger-soft text-danger",
  info: "border-info bg-info-soft text-info",
} as const;
export type Tone = keyof typeof tones;

/** A state: the word first, then a shape, then a colour. */
export function Badge({ tone = "neutral", shape, children }: { tone?: Tone; shape?: string; children: ReactNode }) {
  return (
    <span
      className={cn(
        "inline-flex items-center gap-1.5 rounded-md border px-1.5 py-px text-xs font-medium whitespace-nowrap",
        tones[tone],
      )}
    >
      {children}
      {shape ? <span aria-hidden="true">{shape}</span> : null}
    </span>
  );
}

const studyStates = {
  running: ["info", "▶"],
  locked: ["success", "■"],
} as const;

export function StateBadge({ state }: { state: keyof typeof studyStates }) {
  const t = useTranslations("parts.state");
  const [tone, shape] = studyStates[state];
  return (
    <Badge tone={tone} shape={shape}>
      {t(state)}
    </Badge>
  );
}

/** On every page, figure and export of drawn images and simulated reads. */
export function SyntheticBadge() {
  const t = useTranslations("parts");
  return (
    <Badge tone="warning" shape="◆">
      {t("synthetic")}
    </Badge>
  );
}

/** Beside every number and figure of a run whose split lets a patient stand on both sides. */
export function LeakBadge() {
  const t = useTranslations("parts");
  return (
    <Badge tone="danger" shape="▲">
      {t("leaks")}
    </Badge>
  );
}
