"use client";

import { useTranslations } from "next-intl";
import { createContext, type ReactNode, useContext } from "react";
import { useSay } from "@/app/_lib/use-say";
import { apart } from "@/core/stats/types";
import type { Said } from "@/core/words";
import type { StatValue } from "./stat";

/** The mark of each note that stands below. */
const Marks = createContext<ReadonlyMap<string, string>>(new Map());

/** Why a value is missing, and what it must not be read without. */
export const notesOf = ({ reason, caution }: StatValue): Said[] => [
  ...(reason ? [reason] : []),
  ...(caution ? apart(caution) : []),
];

/** a to z, then aa, ab, ... */
const letter = (at: number): string =>
  (at < 26 ? "" : letter(Math.floor(at / 26) - 1)) + String.fromCharCode(97 + (at % 26));

/** Values with a mark where there is more to say, and below them what: on screen and in print alike. */
export function Footnotes({ of, children }: { of: readonly StatValue[]; children: ReactNode }) {
  const t = useTranslations("parts.stat");
  const say = useSay();
  const texts = [...new Set(of.flatMap(notesOf).map(say))];
  const marks = new Map(texts.map((text, at) => [text, letter(at)]));
  return (
    <Marks.Provider value={marks}>
      {children}
      {texts.length > 0 ? (
        <ul aria-label={t("notes")} className="mt-2 grid max-w-prose gap-0.5 text-soft text-sm">
          {texts.map((text) => (
            <li key={text}>
              <sup className="mr-1 font-medium">{marks.get(text)}</sup>
              {t("note", { text })}
            </li>
          ))}
        </ul>
      ) : null}
    </Marks.Provider>
  );
}

/** The marks of a value, of the notes that stand below it. */
export function useMarks(value: StatValue): string[] {
  const marks = useContext(Marks);
  const say = useSay();
  return notesOf(value).flatMap((note) => marks.get(say(note)) ?? []);
}
