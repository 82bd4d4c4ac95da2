import { expect } from "vitest";
import { type Said, sayIn } from "@/core/words";
import { fromStored } from "@/core/words/said";

/** Matches what is said by its English sentence: the whole of it, or a part that a pattern finds. */
export function saying(sentence: string | RegExp): unknown {
  return expect.toSatisfy((said: Said) => {
    const text = said && sayIn("en")(said);
    return typeof sentence === "string" ? text === sentence : sentence.test(text);
  });
}

/** What a column of text says, in English. */
export const read = (stored: string | null | undefined): string => (stored ? sayIn("en")(fromStored(stored)) : "");
