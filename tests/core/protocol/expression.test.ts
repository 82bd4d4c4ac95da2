import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkExpression,
  type Expression,
  ExpressionError,
  parseExpression,
  type Quantity,
  type Side,
  type Vocabulary,
} from "@/core/protocol/expression";

const vocabulary: Vocabulary = new Map<string, Quantity>([
  ["short_axis_mm", { type: "number", units: ["mm"] }],
  ["age_years", { type: "number", units: ["years", "岁"] }],
  ["nodes", { type: "number", units: [] }],
  ["mri_date", { type: "date" }],
  ["surgery_date", { type: "date" }],
  ["sex", { type: "choice", options: ["male", "female"] }],
  ["note", { type: "text" }],
]);
const check = (text: string) => checkExpression(parseExpression(text), vocabulary);

describe("an expression is understood", () => {
  it.each([
    "short_axis_mm >= 3",
    "3 <= short_axis_mm",
    "short_axis_mm>=3.5 mm",
    "age_years < 18 years",
    "age_years < 18 岁",
    "nodes > -1",
    "surgery_date - mri_date <= 14 days",
    "14 days >= surgery_date-mri_date",
    "mri_date >= 2026-01-31",
    "mri_date != surgery_date",
    'sex = "female"',
    '"female" != sex',
    'not (sex = "female" and age_years < 18) or short_axis_mm = 3',
    "((short_axis_mm >= 3))",
  ])("%s", (text) => {
    expect(() => check(text)).not.toThrow();
  });

  it("with and before or, and not before both", () => {
    const named = (text: string) => {
      const shape = (part: Expression): string => {
        if (part.kind === "comparison") return part.left.kind === "name" ? part.left.name : "?";
        if (part.kind === "not") return `not ${shape(part.part)}`;
        return `(${part.parts.map(shape).join(` ${part.kind} `)})`;
      };
      return shape(parseExpression(text));
    };
    expect(named("a = 1 or b = 1 and not c = 1")).toBe("(a or (b and not c))");
    expect(named("(a = 1 or b = 1) and c = 1")).toBe("((a or b) and c)");
    expect(named("not not a = 1")).toBe("not not a");
  });
});

describe("an expression within itself", () => {
  const nested = (open: string, close: string, times: number) => `${open.repeat(times)}nodes = 1${close.repeat(times)}`;
  it.each([
    ["brackets", "(", ")"],
    ["the word not", "not ", ""],
    ["both", "not (", ")"],
  ])("is taken as deep as a person writes it, and refused beyond: %s", (_, open, close) => {
    expect(() => check(nested(open, close, 15))).not.toThrow();
    // 4,000 of them are beyond what the stack of the program holds.
    for (const times of [31, 4_000])
      try {
        check(nested(open, close, times));
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(ExpressionError);
        expect(String(error)).toMatch(/more than 30 brackets or words "not" stand within each other/);
      }
  });
});

describe("an expression is refused with position and remedy", () => {
  it.each([
    ["", 1, "the end is not expected; write a name, a number, a date or an option"],
    ["short_axis_mm", 14, "the end does not compare; write one of <= >= != < = >"],
    ["short_axis_mm => 3", 16, '">" is not expected'],
    ["short_axis_mm >= ", 18, "the end is not expected"],
    ["short_axis_mm >= 3 mm 4", 23, '"4" is not expected; join comparisons with and or or'],
    ["(short_axis_mm >= 3", 20, "the bracket of position 1 is not closed; write ) before the end"],
    ["short_axis_mm >= 3)", 19, '")" is not expected'],
    ["short_axis_mm + 1 > 3", 15, '"+" is not understood'],
    ['sex = "female', 7, '""" is not understood'],
    ["mri_date > 2026-02-30", 12, "2026-02-30 is no day of the calendar"],
    ["surgery_date - 14 <= mri_date", 16, '"14" is no date of the record; a difference is between two'],
    ["surgery_date - and", 16, '"and" is no date of the record'],
    ["and = 3", 1, '"and" is not expected'],
    ["size >= 3", 1, '"size" is not known; write one of short_axis_mm, age_years'],
    ["sex = female", 7, '"female" is not known'],
    ['sex = "f"', 7, '"f" is no option; write one of "male", "female"'],
    ["sex = sex", 7, 'a choice is compared with one of its options; write one of "male", "female"'],
    ['sex < "male"', 1, "options have no order, so < does not compare them; write = or !="],
    ["mri_date > 3", 12, "a date is not compared with a number; write a date here"],
    ["short_axis_mm > mri_date", 17, "a number is not compared with a date; write a number here"],
    ['short_axis_mm > "male"', 17, "a number is not compared with a choice"],
    ['note = "x"', 1, "a text is not compared; make the item a choice"],
    ["3 > 2", 1, "nothing of the record is compared; name an item: short_axis_mm"],
    ["short_axis_mm >= 3 cm", 18, "cm does not fit mm; nothing is converted"],
    ["nodes >= 3 mm", 10, "mm does not fit no unit"],
    ["short_axis_mm > nodes", 17, "no unit does not fit mm"],
    ["short_axis_mm > age_years", 17, "years does not fit mm"],
    ["surgery_date - mri_date <= 14", 28, "the unit of the difference is missing; write days after the number"],
    ["surgery_date - mri_date <= 2 weeks", 28, "weeks does not fit days"],
    ["surgery_date - age_years <= 14 days", 1, "age_years is a number; a difference is between two dates"],
  ])("%s", (text, position, remedy) => {
    const refused = () => check(text);
    expect(refused).toThrow(ExpressionError);
    expect(refused).toThrow(`at position ${position}: ${remedy}`);
  });

  it("whatever is written, and never fails in another way", () => {
    const pieces = fc.constantFrom(
      ...[
        "short_axis_mm",
        "sex",
        "mri_date",
        "-",
        "(",
        ")",
        "and",
        "or",
        "not",
        "<=",
        "=",
        "3",
        "mm",
        "days",
        '"male"',
        "2026-01-01",
        "§",
      ],
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces, { maxLength: 12 }).map((all) => all.join(" ")),
        ),
        (text) => {
          try {
            check(text);
          } catch (error) {
            expect(error).toBeInstanceOf(ExpressionError);
            const { position } = error as ExpressionError;
            expect(position).toBeGreaterThanOrEqual(1);
            expect(position).toBeLessThanOrEqual(text.length + 1);
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("what is written is what is read", () => {
  const name = fc.constantFrom("short_axis_mm", "age_years", "mri_date");
  const side: fc.Arbitrary<Side> = fc.oneof(
    name.map((each): Side => ({ kind: "name", name: each, at: 0 })),
    fc.tuple(name, name).map(([to, from]): Side => ({ kind: "days", to, from, at: 0 })),
    fc
      .tuple(fc.integer({ min: -9_999, max: 9_999 }), fc.constantFrom(null, "mm", "days"))
      .map(([value, unit]): Side => ({ kind: "number", value: value / 100, unit, at: 0 })),
    fc.constantFrom("2026-01-31", "2024-02-29").map((value): Side => ({ kind: "date", value, at: 0 })),
    fc.stringMatching(/^[A-Za-z0-9 ]{0,8}$/).map((value): Side => ({ kind: "option", value, at: 0 })),
  );
  const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4 },
      fc
        .record({ left: side, operator: fc.constantFrom("<", "<=", "=", "!=", ">=", ">"), right: side })
        .map((parts) => ({ kind: "comparison", at: 0, ...parts }) as Expression),
      tie("expression").map((part): Expression => ({ kind: "not", part })),
      fc
        .tuple(fc.constantFrom("and", "or"), fc.array(tie("expression"), { minLength: 2, maxLength: 3 }))
        .map(([kind, parts]) => ({ kind, parts }) as Expression),
    ),
  }));

  const sideWritten = (each: Side): string => {
    if (each.kind === "name") return each.name;
    if (each.kind === "days") return `${each.to} - ${each.from}`;
    if (each.kind === "number") return each.unit === null ? `${each.value}` : `${each.value} ${each.unit}`;
    return each.kind === "date" ? each.value : `"${each.value}"`;
  };
  const written = (each: Expression): string => {
    if (each.kind === "comparison") return `${sideWritten(each.left)} ${each.operator} ${sideWritten(each.right)}`;
    if (each.kind === "not") return `not (${written(each.part)})`;
    return each.parts.map((part) => `(${written(part)})`).join(` ${each.kind} `);
  };
  const unplaced = (each: Expression): unknown =>
    JSON.parse(JSON.stringify(each, (field, value) => (field === "at" ? undefined : value)));

  it("for every expression", () => {
    fc.assert(
      fc.property(expression, (each) => {
        expect(unplaced(parseExpression(written(each)))).toEqual(unplaced(each));
      }),
    );
  });
});
