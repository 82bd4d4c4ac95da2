import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { protocol } from "@/core/protocol/protocol";
import { AppError } from "@/server/errors";
import { parseProtocol } from "@/server/services/study/parse-protocol";

const source = readFileSync("protocols/image-set.yaml", "utf8");
const untrainable = source.replace("weights: nsfwjs-4.4.0", "weights: imagenet-keras");

const problemsOf = (text: string): readonly string[] => {
  try {
    parseProtocol(text);
    return [];
  } catch (error) {
    if (error instanceof AppError) return error.problems;
    throw error;
  }
};

describe("a protocol whose regimen cannot be trained", () => {
  it("is refused when it comes in, with the field and the remedy", () => {
    expect(problemsOf(source)).toEqual([]);
    expect(problemsOf(untrainable)).toEqual([expect.stringMatching(/^network: weights: .*Take those/)]);
  });

  it("is read as it is once it is stored: a study that runs under it goes on", () => {
    const { document } = parseProtocol(source);
    const stored = { ...document, network: { ...document.network, weights: "imagenet-keras" } };
    expect(protocol.parse(stored).network).toMatchObject({ weights: "imagenet-keras" });
    expect(() => protocol.parse({ ...stored, planes: [] })).toThrow();
  });
});
