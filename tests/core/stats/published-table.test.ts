import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { confusionMetrics } from "@/core/stats/counts/confusion";
import { auditRow } from "@/core/stats/paper/audit-row";
import { auditSet, setsOf, stepsOfSets } from "@/core/stats/paper/audit-set";
import { foundingTable } from "@/core/stats/paper/founding-table";
import { type Measure, meaningOf } from "@/core/stats/paper/headings";
import { type Declared, mostRows, readPublishedTable } from "@/core/stats/paper/published-table";
import { sayIn } from "@/core/words";

const say = sayIn("en");
const undeclared: Declared = { positives: null, negatives: null, images: null };
const cellsOf = (text: string) =>
  text
    .trim()
    .split("\n")
    .map((line) => line.split(","));
const read = (text: string, declared = undeclared) => readPublishedTable(cellsOf(text), { declared });

function audit(text: string, declared = undeclared) {
  const { rows, problems } = read(text, declared);
  expect(problems.map(say)).toEqual([]);
  const steps = { left: stepsOfSets };
  return { rows: rows.map(auditRow), sets: setsOf(rows).map((set) => auditSet(set, steps)) };
}

const table = (tp: number, fn: number, tn: number, fp: number) => ({ tp, fn, tn, fp });

describe("a heading", () => {
  const spellings: [Measure, string[]][] = [
    ["sensitivity", ["Sens", "Sensitivity (%)", "SENSITIVITY, % (95% CI)", "Recall", "TPR", "灵敏度", "敏感性（%）"]],
    ["specificity", ["Spec.", "Specificity", "TNR", "特异度 (95%CI)"]],
    ["ppv", ["PPV", "Positive predictive value (%)", "Precision", "阳性预测值"]],
    ["npv", ["NPV, %", "negative predictive value", "阴性预测值（%）"]],
    ["accuracy", ["Acc", "Accuracy (95 % confidence interval)", "Diagnostic accuracy", "准确率"]],
    ["auc", ["AUC", "AUROC (95% CI)", "Area under the ROC curve", "Balanced accuracy", "曲线下面积"]],
    ["scoreAuc", ["AUC of a score", "AUC (score)", "ROC AUC of confidence ratings", "评分的 AUC"]],
    ["kappa", ["Kappa", "Cohen’s kappa (95% CI)", "κ", "Kappa值"]],
  ];
  test.each(spellings.flatMap(([measure, all]) => all.map((text) => [text, measure])))("%s is %s", (text, measure) => {
    expect(meaningOf(text)).toMatchObject({ is: "figure", measure, part: "estimate" });
  });

  test("says whether its figures are in per cent: the level of an interval does not", () => {
    expect(meaningOf("Sensitivity (95% CI)")).toMatchObject({ inPercent: false, hasInterval: true });
    expect(meaningOf("Sensitivity, % (95% CI)")).toMatchObject({ inPercent: true, hasInterval: true });
  });

  test("names limits, numbers of images and labels, and nothing that it does not", () => {
    expect(meaningOf("Sensitivity lower")).toMatchObject({ is: "figure", part: "lower" });
    expect(meaningOf("95% CI")).toEqual({ is: "interval", part: "both" });
    expect(meaningOf("上限")).toEqual({ is: "interval", part: "upper" });
    for (const [text, of] of [
      ["Positive", "positives"],
      ["No. of positive images", "positives"],
      ["阳性数", "positives"],
      ["Negatives", "negatives"],
      ["Images", "images"],
      ["n", "images"],
      ["例数", "images"],
    ])
      expect(meaningOf(text ?? "")).toMatchObject({ is: "number", of });
    for (const text of ["Reader", "Condition", "方法"]) expect(meaningOf(text)).toEqual({ is: "label" });
    for (const text of ["Age", "F1", "P value", "Time (s)", ""]) expect(meaningOf(text)).toBeNull();
  });
});

describe("a published table", () => {
  test("is read in per cent or fractions, with its decimals, intervals and what is not printed", () => {
    const { rows, warnings } = read(
      "Reader,Condition,Sens (%),Spec,PPV,NPV,PPV lower,PPV upper,Acc,95% CI,Kappa (95% CI),Age\n" +
        "R2,C1,54.7 (49.2–60.1),0.709,64.7%,n/a,0.6,0.7,.627,.58 to .66,.359 [.228; .430],40\n" +
        "R3,C1,69.8 (95% CI: 64.4-74.7),.641,65.5%,-,.61,.7,0.671,,−0.05,41",
    );
    expect(warnings.map(say)).toEqual(['Column "Age" is not understood and was left out.']);
    const [first, second] = rows;
    expect(first).toMatchObject({
      name: "R2 C1",
      condition: "C1",
      figures: {
        sensitivity: { text: "54.7", value: 0.547, inPercent: true },
        specificity: { text: "0.709", value: 0.709, inPercent: false },
        ppv: { value: 0.647, inPercent: true },
        accuracy: { text: ".627", inPercent: false },
      },
      intervals: {
        sensitivity: { lower: { value: 0.492 }, upper: { value: 0.601 } },
        ppv: { lower: { value: 0.6 }, upper: { value: 0.7 } },
        accuracy: { lower: { value: 0.58 }, upper: { value: 0.66 } },
        kappa: { lower: { value: 0.228 }, upper: { value: 0.43 } },
      },
      kappa: { text: ".359" },
    });
    expect(first?.figures.npv).toBeUndefined();
    expect(second).toMatchObject({ kappa: { value: -0.05 }, intervals: { sensitivity: { upper: { value: 0.747 } } } });
  });

  test("may have its figures in the first column", () => {
    const { rows } = read("Measure,R2,R3\nSensitivity (%),54.7,69.8\nSpecificity (%),70.9,64.1\nImages,644,644");
    expect(rows.map(({ name, figures, declared }) => [name, figures.sensitivity?.text, declared.images])).toEqual([
      ["R2", "54.7", 644],
      ["R3", "69.8", 644],
    ]);
  });

  test("takes declared numbers from a row, from the table where it has none, and the third from two", () => {
    const { rows } = read("Reader,P,N,Images,Sens\nA,10,20,,50\nB,,,,50\nC,4,,9,50", {
      ...undeclared,
      images: 100,
    });
    expect(rows.map(({ declared }) => declared)).toEqual([
      { positives: 10, negatives: 20, images: 30 },
      { positives: null, negatives: null, images: 100 },
      { positives: 4, negatives: 5, images: 9 },
    ]);
  });

  test("has a P value where P stands without N", () => {
    const { rows, warnings } = read("Reader,n,Sens,P\nA,20,0.5,0.03");
    expect(warnings.map(say)).toEqual(['Column "P" is not understood and was left out.']);
    expect(rows[0]?.declared.images).toBe(20);
  });

  const refused: [what: string, text: string, problem: RegExp][] = [
    ["no figure", "Reader,Age\nA,40", /No heading is understood.*Give a first line/],
    ["no row", "Reader,Sens", /no row with a figure/],
    ["a text", "Reader,Sens\nA,high", /Row A, Sens: "high" is not read\. Give/],
    ["counts in brackets", "Reader,Sens\nA,54.7 (174/318)", /"54\.7 \(174\/318\)" is not read/],
    ["what could be a fraction or a percentage", "Reader,Sens\nA,54.7\nB,0.9", /Row B, Sens: "0\.9" could be/],
    ["more than everything", "Reader,Sens (%)\nA,101", /"101" is out of range/],
    ["a negative share", "Reader,AUC\nA,-0.2", /"-0\.2" is out of range/],
    ["too many decimals", "Reader,Sens\nA,0.1234567", /too many decimals\. Give at most 6/],
    ["no count", "Reader,Positive,Sens\nA,3.5,0.5", /"3\.5" is no number of images from 1 to 20000/],
    ["too many images", "Reader,Positive,Sens\nA,50000,0.5", /"50000" is no number of images.*leave it empty/],
    ["numbers that do not sum", "Reader,Positive,Negative,Images,Sens\nA,10,20,31,0.5", /are not 31 in all\. Correct/],
    ["a figure twice", "Reader,Sens,Recall\nA,0.5,0.6", /"Sens" and "Recall" are read as the same/],
    ["a name twice", "Reader,Sens\nA,0.5\nA,0.6", /Two rows are called A/],
    ["cells without a heading", "Reader,Sens\nA,64,7", /more cells than the 2 headings/],
    ["too many rows", `Reader,Sens\n${"A,0.5\n".repeat(mostRows + 1)}`, /has 101 rows; at most 100.*Split it/],
  ];
  test.each(refused)("with %s is refused with the place, the value and what to do", (_, text, problem) => {
    const { rows, problems } = read(text);
    expect(rows).toEqual([]);
    expect(problems.map(say).join("\n")).toMatch(problem);
  });

  test("takes no decimal comma for a point or for limits", () => {
    const problemsOf = (sens: string, limits: string) => {
      const cells = [
        ["Reader", "Sens", "95% CI"],
        ["A", sens, limits],
      ];
      return readPublishedTable(cells, { declared: undeclared }).problems.map(say);
    };
    for (const cell of ["62,7", "62,7 (59-66)", "62,7-80"])
      expect(problemsOf(cell, "")).toEqual([expect.stringMatching(/is not read\. Give .* with a decimal point/)]);
    for (const cell of ["6,27", "0.7-0.6"]) expect(problemsOf("0.65", cell)).toHaveLength(1);
    for (const cell of ["0.6,0.7", "(0.6, 0.7)", "60 %; 70 %"]) expect(problemsOf("0.65", cell)).toEqual([]);
  });
});

// What an exhaustive search outside this project found: every table of whole images, rounding half up and half to even alike.
describe("the founding paper's table", () => {
  const { rows, sets } = audit(foundingTable);
  const said = Object.fromEntries(
    rows.map((row) => [row.row, [...row.contradictions, ...row.atDeclared, ...row.intervals].map(say).join("\n")]),
  );
  const [readers, network] = sets;
  const together = readers?.findings.map(say).join("\n") ?? "";

  test("has no row that the declared images give", () => {
    expect(rows.map(({ verdict, tables }) => [verdict, tables.length])).toEqual(rows.map(() => ["impossible", 0]));
    expect(said["R2 C1"]).toContain(
      "No whole number out of 319 gives sensitivity 54.7: 174/319 = 54.55, 175/319 = 54.86.",
    );
  });

  test("has readers of 318 positive and 326 negative images, once accuracy and AUC are left out", () => {
    expect(readers).toMatchObject({
      rows: ["R2 C1", "R3 C1", "R2 C2", "R3 C2"],
      leftOut: ["auc", "accuracy"],
      margins: [{ positives: 318, negatives: 326 }],
      more: false,
    });
    expect(readers?.tables.map(({ tables }) => tables)).toEqual([
      [table(174, 144, 231, 95)],
      [table(222, 96, 209, 117)],
      [table(217, 101, 197, 129)],
      [table(230, 88, 200, 126)],
    ]);
    expect(together).toContain("The declared 319 positive and 325 negative images are not among them.");
  });

  test("has in R2 C2 no figure that its table does not give, and in the others accuracy and AUC", () => {
    const makes = readers?.tables.map((row) => row.makes && say(row.makes));
    expect(makes).toEqual([
      "accuracy 405/644 = 62.89 (printed 62.7), AUC (174/318 + 231/326)/2 = 0.6279 (printed 0.626)",
      "accuracy 431/644 = 66.93 (printed 67.1), AUC (222/318 + 209/326)/2 = 0.6696 (printed 0.671)",
      null,
      "accuracy 430/644 = 66.77 (printed 66.9), AUC (230/318 + 200/326)/2 = 0.6684 (printed 0.670)",
    ]);
  });

  test("contradicts itself in the AUC of three rows, and in the accuracy of R2 C1", () => {
    expect(said["R2 C1"]).toMatch(/AUC 0\.626 is not the mean .* 0\.6280, with rounding 0\.6275 to 0\.6285/);
    expect(said["R3 C1"]).toMatch(/AUC 0\.671 is not the mean .* 0\.6690 to 0\.6700/);
    expect(said["R3 C2"]).toMatch(/AUC 0\.670 is not the mean .* 0\.6675 to 0\.6685/);
    expect(said["R2 C2"]).not.toContain("is not the mean");
    expect(said["R2 C1"]).toMatch(/PPV 64\.7 needs 49\.25 to 49\.49 % .* accuracy 62\.7 needs 50\.00 to 51\.23 %/);
  });

  test("mixes two versions of the reads: one call otherwise gives accuracy and AUC, and then both kappas", () => {
    for (const counts of ["TN 230, FP 96", "TN 210, FP 116", "TN 201, FP 125"]) expect(together).toContain(counts);
    expect(together).toContain("with 199 images that both called positive it is 0.3534, with 200 it is 0.3596");
    expect(together).toContain("with 265 images that both called positive it is 0.4616, with 266 it is 0.4679");
    expect(together).toContain("with 200 images that both called positive it is 0.35918");
    expect(together).toContain("with 265 images that both called positive it is 0.46486");
  });

  test("misprints a limit of kappa in C1 and none in C2", () => {
    expect(said["R2 C1"]).toMatch(/\.228 to \.430, has its middle at 0\.3290, not at \.359.*the lower is 0\.288/);
    expect(said["R2 C2"]).not.toContain("middle");
  });

  test("has a network whose accuracy is possible with no images, and whose other figures need 989", () => {
    expect(said["Network validation"]).toMatch(/Accuracy 95\.7 does not lie between .* 95\.15 to 95\.35 whatever/);
    expect(said["Network validation"]).toContain("gives accuracy 95.7: 123/129 = 95.35, 124/129 = 96.12.");
    expect(network).toMatchObject({ leftOut: ["accuracy"], more: true });
    expect(network?.margins[0]).toEqual({ positives: 494, negatives: 495 });
    expect(say(network?.findings[0] ?? { key: "paper.and" })).toContain("989 in all");
    expect(said["Network validation"], "an AUC of a score is not bound to the mean").not.toContain("AUC");
  });

  test("has the same readers where no numbers of images are declared: 644 are the fewest", () => {
    const bare = cellsOf(foundingTable)
      .slice(0, 5)
      .map((line) => line.filter((_, at) => at < 2 || at > 4).join(","))
      .join("\n");
    const { sets: found } = audit(bare);
    expect(found[0]).toMatchObject({ leftOut: ["auc", "accuracy"], more: true });
    expect(found[0]?.margins.slice(0, 2)).toEqual([
      { positives: 318, negatives: 326 },
      { positives: 636, negatives: 652 },
    ]);
  });
});

describe("a table that was printed from whole images", () => {
  const cell = fc.integer({ min: 1, max: 60 });
  const counts = fc.record({ tp: cell, fn: cell, tn: cell, fp: cell });
  const heading = "Reader,Positive,Negative,Images,Sensitivity,Specificity,PPV,NPV,Accuracy,AUC";
  const line = (name: string, counted: ReturnType<typeof table>, numbers: string) => {
    const { sensitivity, specificity, ppv, npv, accuracy, balancedAccuracy } = confusionMetrics(counted);
    const figures = [sensitivity, specificity, ppv, npv, accuracy, balancedAccuracy];
    return [name, numbers, ...figures.map(({ estimate }) => (estimate ?? 0).toFixed(3))].join(",");
  };

  test("is never called impossible, whatever is declared", () => {
    fc.assert(
      fc.property(counts, (counted) => {
        const [p, n] = [counted.tp + counted.fn, counted.tn + counted.fp];
        for (const numbers of [`${p},${n},`, `,,${p + n}`, `${p},,`, ",,"]) {
          const { rows, sets } = audit([heading, line("A", counted, numbers)].join("\n"));
          expect(rows[0]?.verdict).toBe(numbers === ",," ? "open" : "possible");
          expect(rows[0]?.contradictions).toEqual([]);
          expect(sets[0]?.leftOut).toEqual([]);
          expect(sets[0]?.margins.length).toBeGreaterThan(0);
          if (numbers !== ",,") expect(rows[0]?.tables).toContainEqual(counted);
        }
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test("has its accuracy found when only that is misprinted, and keeps the declared images", () => {
    const wrong = line("A", table(90, 10, 80, 20), ",,200").replace("0.850,0.850", "0.860,0.850");
    const { rows, sets } = audit([heading, wrong, line("B", table(85, 15, 75, 25), ",,200")].join("\n"));
    expect(rows.map(({ verdict }) => verdict)).toEqual(["impossible", "possible"]);
    expect(sets).toMatchObject([{ leftOut: ["accuracy"], margins: [{ positives: 100, negatives: 100 }] }]);
    expect(sets[0]?.tables[0]).toMatchObject({ tables: [table(90, 10, 80, 20)] });
  });

  test("an AUC of a score is refused only where no curve through the point has it", () => {
    const of = (auc: string) =>
      audit(`Method,Sens,Spec,AUC of a score\nA,0.953,0.952,${auc}`).rows[0]?.contradictions.map(say);
    // The least is .9525 x .9515 = .906; the most is 1 - .0465 x .0475 = .9978.
    expect(of("0.994")).toEqual([]);
    expect(of("0.907")).toEqual([]);
    expect(of("0.905")).toEqual([expect.stringContaining("no ROC curve")]);
    expect(of("0.999")).toEqual([expect.stringContaining("no ROC curve")]);
  });

  test("kappa is checked between two rows of one condition, and only where every table of both is known", () => {
    const said = (text: string) => audit(text).sets.flatMap(({ findings }) => findings.map(say));
    const rows = (kappa: string) => `Reader,P,N,Sens,Spec,Kappa\nA,10,10,0.9,0.8,${kappa}\nB,10,10,0.8,0.9,`;
    // Both called 7 or 8 of the positives so, and 0 or 1 of the negatives: kappa is (40 x - 198) / 202 for x of 7, 8 and 9.
    expect(said(rows("0.60")).join()).toContain(
      "Kappa 0.60 between A and B is possible: with 8 images that both called positive it is 0.60396.",
    );
    expect(said(rows("0.50")).join()).toContain(
      "with 7 images that both called positive it is 0.4059, with 8 it is 0.6040",
    );
    expect(said(rows("0.95")).join()).toContain("is not possible with these tables: it lies between 0.406 and 0.802.");
    expect(said(`${rows("0.5")}\nC,10,10,0.7,0.7,`)).toContainEqual(
      "Kappa 0.5 of A was not checked: 3 rows have its images and condition. It is checked between two.",
    );
    expect(said("Reader,Sens,Kappa\nA,0.9,0.5\nB,0.8,")).toContainEqual(expect.stringContaining("was not checked"));
  });

  test("an interval that does not hold its figure is named", () => {
    const [row] = audit("Reader,Sens\nA,0.80 (0.85-0.90)").rows;
    expect(row?.intervals.map(say)).toEqual(["The interval of sensitivity, 0.85 to 0.90, does not hold 0.80."]);
  });
});

describe("the time of an audit is bounded", () => {
  const longest = (text: string) => {
    // Of the processor: other processes have their share of the clock.
    const start = process.cpuUsage();
    const found = audit(text);
    const { user, system } = process.cpuUsage(start);
    return { found, ms: (user + system) / 1000 };
  };
  const rowsOf = (heading: string, row: (at: number) => string) =>
    [heading, ...Array.from({ length: mostRows }, (_, at) => row(at))].join("\n");

  test("for a hundred rows of the largest numbers, and says where a search was stopped", { timeout: 60_000 }, () => {
    const hard = [
      rowsOf("Reader,PPV,NPV,Acc,Images", (at) => `${at},0.9${at % 10}13,0.8123,0.8765,40000`),
      rowsOf("Reader,Acc,PPV,Positive,Negative", (at) => `${at},0.7123${at % 10},0.9,20000,20000`),
      rowsOf("Reader,PPV,NPV,Acc", (at) => `${at},0.95${at % 10}7,0.9133,0.9215`),
    ];
    for (const text of hard) {
      const { found, ms } = longest(text);

      expect(ms).toBeLessThan(15_000);
      expect(found.rows).toHaveLength(mostRows);
    }
    const { found } = longest("Reader,PPV,NPV,Acc\nA,0.95273,0.91331,0.92152");
    expect(found.sets[0]?.findings.map(say)).toEqual([expect.stringMatching(/search .* was stopped/)]);
  });
});
