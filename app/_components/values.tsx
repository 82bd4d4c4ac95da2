"use client";

import { useTranslations } from "next-intl";
import { useSyncExternalStore } from "react";
import { useFormat } from "@/app/_i18n/format";

const neverChanges = () => () => {};

/** A moment in the reader's own time zone, named behind it with `zone`; in UTC on hover. The server writes UTC; the browser corrects it. */
export function When({ at, date = false, zone = false }: { at: Date; date?: boolean; zone?: boolean }) {
  const inBrowser = useSyncExternalStore(
    neverChanges,
    () => true,
    () => false,
  );
  const text = useFormat().moment(at, { date, zone, timeZone: inBrowser ? undefined : "UTC" });
  return (
    <time
      dateTime={at.toISOString()}
      title={`${at.toISOString().replace("T", " ").slice(0, 19)} UTC`}
      className="whitespace-nowrap"
    >
      {text}
    </time>
  );
}

/** The first twelve digits of a hash, the whole on hover; a click copies it. */
export function Hash({ value }: { value: string }) {
  const t = useTranslations("parts");
  return (
    <button
      type="button"
      title={`${value} — ${t("copy")}`}
      onClick={() => navigator.clipboard?.writeText(value)}
      className="rounded-sm font-mono text-sm text-soft hover:text-text"
    >
      {value.slice(0, 12)}
    </button>
  );
}
