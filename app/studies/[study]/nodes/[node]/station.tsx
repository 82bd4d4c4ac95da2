import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { cn } from "@/app/_components/class-names";
import type { Unseen } from "@/server/schemas/passport";

export const stations = [
  "patient",
  "exam",
  "node",
  "size",
  "crops",
  "reads",
  "specimen",
  "pathology",
  "network",
] as const;
export type StationKey = (typeof stations)[number];

/** A place on the way from the patient to the score: its name on the line, beside it what is recorded there; a full mark where that is anything. */
export function Station({ name, isThere, children }: { name: StationKey; isThere: boolean; children: ReactNode }) {
  const t = useTranslations("passport");
  return (
    <section
      id={name}
      aria-labelledby={`${name}-name`}
      className="relative scroll-mt-4 border-line border-l-2 pb-6 pl-5 last:pb-0 lg:grid lg:grid-cols-[9rem_minmax(0,1fr)] lg:gap-6 print:block print:pb-4"
    >
      <span
        aria-hidden="true"
        className={cn(
          "absolute top-1.5 -left-[7px] h-3 w-3 rounded-full border-2 [print-color-adjust:exact]",
          isThere ? "border-accent bg-accent" : "border-line-strong bg-ground",
        )}
      />
      <h2 id={`${name}-name`} className="mb-2">
        {t(`station.${name}`)}
      </h2>
      <div className="grid min-w-0 gap-4">{children}</div>
    </section>
  );
}

/** That a part is not seen, and why. */
export function Hidden({ because }: { because: Unseen }) {
  const t = useTranslations("passport");
  return (
    <p className="text-soft">
      <span aria-hidden="true">⊘ </span>
      {t(`unseen.${because}`)}
    </p>
  );
}

/** That nothing is recorded yet, and who brings it. */
export function Nothing({ name }: { name: Exclude<StationKey, "patient" | "node" | "crops"> }) {
  const t = useTranslations("passport");
  return (
    <p className="text-soft">
      <span aria-hidden="true">○ </span>
      {t(`nothing.${name}`)}
    </p>
  );
}
