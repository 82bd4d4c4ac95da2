import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkValue } from "@/core/protocol/values";
import { oneLine, printable, printableJson, problemOfCell, strangeCharacter, withLines } from "@/core/text/characters";
import { sayIn } from "@/core/words";
import { saidOf } from "@/core/words/field-problem";

// Postgres refuses U+0000 in text (22021); UAX #9 lists what turns the direction of a text, UAX #14 what breaks a line; category Cc holds the controls.
const strange: [code: string, kind: string, text: string][] = [
  ["U+0000", "control", "A\u00002"],
  ["U+001B", "control", "\u001b[31mred"],
  ["U+007F", "control", "A\u007f"],
  ["U+009F", "control", "A\u009f"],
  ["U+202E", "direction", "\u202eA2"],
  ["U+2066", "direction", "A\u2066B"],
  ["U+2028", "line", "A\u2028B"],
  ["U+D800", "half", "A\ud800"],
];

describe("a text", () => {
  test.each(strange)("with %s is refused as it is", (code, kind, text) => {
    expect(strangeCharacter(text, { lines: true })).toEqual({ code, kind });
    expect(strangeCharacter(text, { lines: false })).toEqual({ code, kind });
  });

  test.each(["王小明", "Zoë O’Neill-Müller", "مريم", "👩🏽‍⚕️ 3 T", "a\u00a0b", ""])("like %j is taken", (text) => {
    expect(strangeCharacter(text, { lines: false })).toBeNull();
  });

  test("has line breaks and tabs where it is a reason, and none where it is a name", () => {
    const text = "first\r\n\tsecond";
    expect(strangeCharacter(text, { lines: true })).toBeNull();
    expect(strangeCharacter(text, { lines: false })).toEqual({ code: "U+000D", kind: "line" });
  });
});

test("a line of a log and JSON for a terminal hold none of them, and the JSON says the same", () => {
  const others = strange.map(([, , text]) => text);
  expect(others.map(printable).join("")).toMatch(/^[\x20-\x7e]+$/);
  const json = JSON.stringify({ others, name: "王小明 👩🏽‍⚕️" });
  expect(JSON.parse(printableJson(json))).toEqual({ others, name: "王小明 👩🏽‍⚕️" });
  expect(printableJson(json)).not.toMatch(/[\p{Cc}\u2028\u202e\u2066]/u);
  expect(json, "control: JSON alone keeps some").toMatch(/[\p{Cc}\u2028\u202e\u2066]/u);
});

test("forms and cells say the code point and what to do, in both languages", () => {
  const say = (schema: z.ZodString, text: string) => {
    const [issue] = schema.safeParse(text).error?.issues ?? [];
    return issue ? (["en", "zh"] as const).map((locale) => sayIn(locale)(saidOf(issue))) : [];
  };
  expect(say(z.string().trim().check(oneLine), " T\n-781 ")).toEqual([
    "Holds a line break (U+000A), which is not kept; delete it, or type the text anew",
    "含有换行符（U+000A），无法保存；请删除该字符或重新输入",
  ]);
  expect(say(z.string().check(withLines), "T\n-781")).toEqual([]);
  const cell = problemOfCell("subject", "A\u00002");
  expect(cell && sayIn("en")(cell)).toBe(
    "subject has a character that cannot be stored (U+0000, a control character); delete it, or type the cell anew",
  );
});

test("an item of text is held to the same, whoever sends it", () => {
  const item = { type: "text", key: "note", label: "Note", required: false, visit: "mri" } as const;
  expect(checkValue(item, "a\u202eb", "2026-11-27").problem).toMatchObject({ values: { code: "U+202E" } });
  expect(checkValue(item, "a\nb", "2026-11-27").value).toBe("a\nb");
});
