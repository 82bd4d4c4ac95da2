"use client";

import { useTranslations } from "next-intl";
import type { Expected } from "@/core/network/expected-time";
import { useDuration } from "./duration";

/** How long something takes that is about to be started; that it cannot be known is said as well. */
export function ExpectedTime({ expected, stops = false }: { expected: Expected | null; stops?: boolean }) {
  const t = useTranslations("models.expected");
  const duration = useDuration();
  if (!expected)
    return (
      <p className="text-soft text-sm" role="status">
        {t("unknown")}
      </p>
    );
  const { seconds, engine, by, imagesPerSecond } = expected;
  const values = {
    time: duration(seconds),
    rate: imagesPerSecond?.toFixed(1) ?? "",
    engine,
    stops: stops ? "yes" : "no",
  };
  return (
    <p className="text-sm" role="status">
      {t(by, values)}
    </p>
  );
}
