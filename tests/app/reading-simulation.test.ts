import { NextIntlClientProvider } from "next-intl";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { en } from "@/app/_messages/en";
import { zh } from "@/app/_messages/zh";
import { ReadingSimulation } from "@/app/studies/[study]/design/reading-simulation";
import { words } from "@/core/words";
import type { StudyPlan } from "@/server/schemas/study";

const reading: StudyPlan["reading"] = {
  design: "sequential",
  patients: 10,
  images: 3,
  practice: null,
  conditions: [
    { key: "a", label: "Cohort A", shows: [], washOutDays: 0, repeats: null },
    { key: "b", label: "Cohort B", shows: ["size"], washOutDays: 28, repeats: null },
  ],
};

/** The simulation as it first stands there, in a language. */
function simulationIn(locale: "en" | "zh", plan: Partial<StudyPlan["reading"]> = {}): string {
  const messages = { ...words[locale], ...{ en, zh }[locale] };
  const of = { plan: { readers: 3, primary: null, reading: { ...reading, ...plan } } };
  const provided = { locale, messages, timeZone: "UTC", children: createElement(ReadingSimulation, of) };
  return renderToStaticMarkup(createElement(NextIntlClientProvider, provided)).replaceAll(/(<[^>]+>)+/g, "|");
}

test("the reading is shown before it is drawn, by what the protocol plans: reads, sittings, hours, wash-out, what comes first", () => {
  const said = simulationIn("en");
  expect(said).toContain(
    "60 cases: 120 reads of whoever has most, in 4 sittings of 2.0 hours together, and 28 days of wash-out.",
  );
  expect(said).toMatch(/\|Cohort A\|60\|2\|1\.0\|0\|100\|\d+–\d+\|Cohort B\|60\|2\|1\.0\|28\|0\|\d+–\d+\|/);
  expect(said).not.toContain("does not draw");
  expect(simulationIn("zh")).toContain(
    "60 个病例：阅片最多者共 120 次阅片，分 4 场，合计 2.0 小时，另有洗脱期 28 天。",
  );
});

test("practice that the protocol asks for stands before it, with its mark", () => {
  expect(simulationIn("en")).not.toContain("known truth");
  const practice = { passMark: 0.8, conditions: ["Cohort A", "Cohort B"] };
  expect(simulationIn("en", { practice })).toContain(
    "practice with a known truth in Cohort A, Cohort B: 80 % must be called right.",
  );
  expect(simulationIn("zh", { practice })).toContain(
    "须在Cohort A、Cohort B中完成已知真实结果的练习：正确率须达到 80%。",
  );
});

test("cases that a list has twice are counted in, and a list that is too short for them is told", () => {
  expect(simulationIn("en")).not.toContain("read twice");
  const twice = (repeats: { cases: number; apart: number }) => ({
    conditions: reading.conditions.map((each) => ({ ...each, repeats: each.key === "a" ? repeats : null })),
  });
  const said = simulationIn("en", twice({ cases: 5, apart: 20 }));
  expect(said).toContain(
    "In each list of Cohort A, 5 cases are read twice, at least 20 cases apart, without their reader",
  );
  expect(said).toContain("60 cases: 125 reads of whoever has most");
  expect(said).toMatch(/\|Cohort A\|65\|2\|1\.1\|0\|100\|\d+–\d+\|Cohort B\|60\|/);
  const short = twice({ cases: 20, apart: 30 });
  expect(simulationIn("en", short)).toContain(
    "A list of 60 cases is too short for the cases that are to be read twice: it needs 70",
  );
  expect(simulationIn("zh", short)).toContain("在Cohort A的每个列表中，有 20 个病例须阅两次");
  expect(simulationIn("zh", short)).toContain("须有 70 个病例，否则不生成日程。");
});

test("of a design that is not drawn it says why, and of no condition that there is none", () => {
  expect(simulationIn("en", { design: "split-plot" })).toContain("This version does not draw this design");
  const crossover = simulationIn("en", { design: "crossover" });
  expect(crossover).toContain("some cases would be read in Cohort B before Cohort A");
  expect(simulationIn("zh", { design: "crossover" })).toContain("部分病例会先在 Cohort B 中、后在 Cohort A 中阅片");
  expect(simulationIn("en", { patients: null, images: 1, conditions: [] })).toContain("No condition is read");
});
