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

/** Texts whose mark stands at a heading already. */
const AtHeading = createContext<readonly string[]>([]);

/** Their marks, in the order of the notes below. */
const inOrder = (marks: ReadonlyMap<string, string>, texts: readonly string[]): string[] =>
  [...marks].flatMap(([text, mark]) => (texts.includes(text) ? [mark] : []));

/** What is said of a value, in the language of the page. */
function useTexts(): (value: StatValue) => string[] {
  const say = useSay();
  return (value) => notesOf(value).map(say);
}

/**
 * Values with a mark where there is more to say, and below them what: on screen, in print and in files of figures alike.
 * @param props.first texts that stand before those of the values
 */
export function Footnotes({
  of,
  first = [],
  children,
}: {
  of: readonly StatValue[];
  first?: readonly string[];
  children: ReactNode;
}) {
  const t = useTranslations("parts.stat");
  const texts = [...new Set([...first, ...of.flatMap(useTexts())])];
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

/** The marks of a value, of the notes that stand below it: its own, and those that its heading has, which cards on a phone do not show. */
export function useMarks(value: StatValue): { own: string[]; atHeading: string[] } {
  const [marks, above] = [useContext(Marks), useContext(AtHeading)];
  const texts = useTexts()(value);
  const of = (isAbove: boolean) =>
    inOrder(
      marks,
      texts.filter((text) => above.includes(text) === isAbove),
    );
  return { own: of(false), atHeading: of(true) };
}

/** What all of several values carry: its mark stands once, at their heading. */
export function useInCommon(): (values: readonly StatValue[]) => string[] {
  const textsOf = useTexts();
  return (values) => {
    const [first, ...others] = values.filter(({ estimate }) => estimate !== null).map(textsOf);
    return first && others.length > 0 ? first.filter((text) => others.every((texts) => texts.includes(text))) : [];
  };
}

/** The marks of these texts, at a heading of what carries them. */
export function HeadingMarks({ texts }: { texts: readonly string[] }) {
  const marks = useContext(Marks);
  const own = inOrder(marks, texts);
  return own.length > 0 ? <sup className="ml-0.5 font-medium">{own.join(", ")}</sup> : null;
}

/** Below a heading with the marks of these texts. */
export function BelowHeading({ texts, children }: { texts: readonly string[]; children: ReactNode }) {
  return <AtHeading.Provider value={texts}>{children}</AtHeading.Provider>;
}

/** The marks of a value in a drawing, as far as no heading has them; or of texts, where this is the heading. */
export function DrawnMarks({ of, x, y }: { of: StatValue | readonly string[]; x: number; y: number }) {
  const [marks, above] = [useContext(Marks), useContext(AtHeading)];
  const textsOf = useTexts();
  const texts = "method" in of ? textsOf(of) : of;
  const own = inOrder(
    marks,
    texts.filter((text) => !above.includes(text)),
  );
  return own.length > 0 ? (
    <text x={x} y={y - 3} fontSize={9} fill="var(--text)">
      {own.join(", ")}
    </text>
  ) : null;
}
