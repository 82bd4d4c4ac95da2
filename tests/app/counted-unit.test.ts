import { createTranslator } from "use-intl/core";
import { expect, test } from "vitest";
import { atUnit } from "@/app/_lib/at-unit";
import en from "@/app/_messages/en/analysis.json";
import zh from "@/app/_messages/zh/analysis.json";
import { countedOf, prevalenceOf } from "@/app/studies/[study]/analysis/parties";
import { comparison } from "@/server/schemas/analysis";
import { studyOf } from "@/tests/support/made-up-study";

const made = comparison.parse(studyOf({ readers: 2, seed: 31, primary: null }).result);

test("the prevalence to which predictive values belong is that of what is counted", () => {
  for (const unit of ["image", "node", "patient"] as const) {
    const counted = atUnit(made, unit);
    const [row] = counted.rows;
    expect(countedOf(counted)).toEqual({ unit, n: row?.n });
    expect(prevalenceOf(counted)).toBe(((row?.tp ?? 0) + (row?.fn ?? 0)) / (row?.n ?? 0));
  }
  const [images, patients] = (["image", "patient"] as const).map((unit) => prevalenceOf(atUnit(made, unit)) ?? 0);
  expect(Math.abs((images ?? 0) - (patients ?? 0)), "control: they differ").toBeGreaterThan(0.01);
});

test.each([
  ["en", en, /image/i, /patient/i],
  ["zh", zh, /图像|幅/, /患者/],
] as const)("captions of figures and tables name what is counted (%s)", (locale, messages, image, patient) => {
  const say = createTranslator({ locale, messages });
  const values = { n: 8, count: 2, readers: "R2", reads: 1, possible: 2, version: "1", percent: "1", positives: 3 };
  const more = { negatives: 5, prevalence: "1", high: 1, low: 1, threshold: 0.5, first: "a", second: "b", patients: 8 };
  const captions = [
    ...(["primary.about", "roc.n", "calibration.n", "histogram.n", "histogram.summary", "precisionRecall.n"] as const),
    ...([
      "histogram.caption",
      "precisionRecall.caption",
      "confusion.caption",
      "decision.n",
      "decision.caption",
    ] as const),
    ...(["within.positiveImages", "within.negativeImages", "forest.n", "table.unit"] as const),
  ];
  for (const name of captions) {
    const said = (unit: string) => say(name, { ...values, ...more, unit });
    expect(said("patient"), name).toMatch(patient);
    expect(said("patient"), name).not.toMatch(image);
    if (name !== "forest.n" || locale === "en") expect(said("image"), `${name}: control`).toMatch(image);
  }
});
