import { expect } from "vitest";
import { type Said, sayIn } from "@/core/words";

/** Matches what is said by its English sentence: the whole of it, or a part that a pattern finds. */
export function saying(sentence: string | RegExp): unknown {
  return expect.toSatisfy((said: Said) => {
    const text = said && sayIn("en")(said);
    return typeof sentence === "string" ? text === sentence : sentence.test(text);
  });
}
