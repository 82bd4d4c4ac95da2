import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AppError } from "@/server/errors";
import { parseProtocol } from "@/server/services/study/parse-protocol";

const source = readFileSync("protocols/li-2021.yaml", "utf8");

function refusalOf(text: string): AppError {
  try {
    parseProtocol(text);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("The protocol was not refused.");
}

describe("a protocol that comes in as YAML", () => {
  it("has the same hash however it is spaced and commented, and another when it says something else", () => {
    const { sha256 } = parseProtocol(source);
    expect(parseProtocol(`# A remark\n${source.replaceAll(", zh:", ",   zh:")}\n`).sha256).toBe(sha256);
    expect(parseProtocol(source.replace("washOutDays: 28", "washOutDays: 29")).sha256).not.toBe(sha256);
  });

  it("is refused with every problem by its place in the file", () => {
    const { code, problems } = refusalOf(
      source.replace("washOutDays: 28", "washOutDays: four").replace("R2, R3", "R2, X"),
    );
    expect(code).toBe("invalid");
    expect(problems).toEqual([
      'conditions.1.washOutDays: "four" is not a number; write a number',
      'readers.1: "X" is no reader code; write R and a number, e.g. R2',
    ]);
  });

  it("is refused with the line of what is no YAML, or stands twice", () => {
    expect(refusalOf("key: [1\nb: 2").problems).toEqual([expect.stringContaining("at line 2, column 1")]);
    const lines = source.split("\n").length;
    expect(refusalOf(`${source}key: again`).problems).toEqual([
      `line ${lines}: "key" stands twice in one entry; remove one`,
    ]);
  });

  it("is refused at once when it is endless: 20,000 keys, many problems, aliases of aliases", () => {
    const keys = (count: number) => Array.from({ length: count }, (_, i) => `k${i}: 1`).join("\n");
    const started = performance.now();
    expect(refusalOf(keys(20_000)).message).toMatch(
      /^The protocol has \d{6} characters\. .* write it in at most 50000\./,
    );
    expect(performance.now() - started).toBeLessThan(100);
    const codes = Array.from({ length: 4_000 }, (_, i) => `x${i}`).join(",");
    const { problems } = refusalOf(source.replace("R2, R3", codes));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe("and 3980 more");
    const nine = (of: string) => `[${Array(9).fill(of).join(",")}]`;
    const aliases = `a: &a ${nine("1")}\nb: &b ${nine("*a")}\nc: &c ${nine("*b")}\nd: ${nine("*c")}`;
    expect(refusalOf(aliases).problems).toEqual([expect.stringContaining("alias")]);
  });
});
