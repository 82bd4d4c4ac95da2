import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { readProtocol } from "@/core/protocol/read-protocol";
import { inLanguage } from "@/core/protocol/text";

const shipped = ["li-2021", "demonstration", "image-set"].map((key) =>
  readProtocol(parse(readFileSync(`protocols/${key}.yaml`, "utf8"))),
);

/** Every text of a document that a person reads, by its place: what has one of these names. */
function textsIn(part: unknown, path = ""): [path: string, text: unknown][] {
  if (typeof part !== "object" || part === null) return [];
  return Object.entries(part).flatMap(([name, value]): [string, unknown][] => {
    const here = `${path}.${name}`;
    const isText = ["title", "label", "text", "hint", "lesion", "unit"].includes(name);
    return isText ? [[here, value]] : textsIn(value, here);
  });
}

describe("the texts of a shipped protocol", () => {
  it.each(shipped)("$key is there in English and in Chinese", (document) => {
    const texts = textsIn(document);
    expect(texts.length).toBeGreaterThanOrEqual(10);
    // T1 to T4b are the same in every language.
    for (const [path, text] of texts.filter(([, text]) => !/^T\d[ab]?$/.test(String(text)))) {
      expect(text, path).toEqual({ en: expect.any(String), zh: expect.stringMatching(/[\u4e00-\u9fff]|^MRI/) });
      expect((text as { en: string }).en, path).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });

  it.each(shipped)("$key reads alike in both but for the words", (document) => {
    const [english, chinese] = [inLanguage(document, "en"), inLanguage(document, "zh")];
    expect(english.criteria.map(({ key, kind }) => [key, kind])).toEqual(
      chinese.criteria.map(({ key, kind }) => [key, kind]),
    );
    expect(english.network).toEqual(chinese.network);
    expect(typeof chinese.title).toBe("string");
    for (const [path, text] of [...textsIn(english), ...textsIn(chinese)])
      expect(text, path).toEqual(expect.any(String));
  });
});

describe("a document in one language", () => {
  it("has the words of that language, and a text without languages as it is", () => {
    const document = {
      title: { en: "Nodes", zh: "淋巴结" },
      source: "doi",
      planes: [{ label: { en: "Axial", zh: "轴位" } }],
    };
    expect(inLanguage(document, "zh")).toEqual({ title: "淋巴结", source: "doi", planes: [{ label: "轴位" }] });
    expect(inLanguage(document, "en")).toEqual({ title: "Nodes", source: "doi", planes: [{ label: "Axial" }] });
  });

  it("is the same document when there is nothing to choose", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom("en" as const, "zh" as const), (value, locale) => {
        const without = JSON.parse(JSON.stringify(value).replaceAll('"en"', '"e"'));
        expect(inLanguage(without, locale)).toEqual(without);
      }),
    );
  });
});
