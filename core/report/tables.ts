import type { PrimaryAnswer } from "../stats/comparison/primary-answer";
import type { Estimate } from "../stats/types";
import { ratingsOf } from "./methods";
import type { ReportRow, ReportTable } from "./parts";
import type { BaselineTable } from "./records";
import type { Path } from "./sources";
import type { Unit, Writer } from "./writer";

const groups = ["all", "positive", "negative"] as const;

/** Table 1: patients, or lesions, by the reference standard. */
export function baselineOf(w: Writer, of: "patients" | "lesions"): ReportTable {
  const { say, from, footnotes } = w;
  const table: BaselineTable = w.records.baseline[of];
  const lesion = w.records.protocol.lesion;
  const root: Path = ["records", "baseline", of];
  const notes = footnotes();
  const row = (at: number): Path => [...root, "rows", at];
  const smdOf = (smd: number | null, at: number) =>
    smd === null ? "–" : from.number([...row(at), "smd"], (value) => value.toFixed(2));
  const missingOf = (at: number, missing: { all: number }): ReportRow[] =>
    missing.all === 0
      ? []
      : [
          {
            inset: true,
            cells: [
              say("table1.missing"),
              ...groups.map((group) => from.number([...row(at), "missing", group])),
              "",
              "",
            ],
          },
        ];
  const rows = table.rows.flatMap((item, at): ReportRow[] => {
    if (item.kind === "choice")
      return [
        {
          heads: true,
          cells: [
            say("table1.choice", { label: item.label }),
            "",
            "",
            "",
            marked(
              w.p(item.p, [...row(at), "p"]),
              item.test && notes.mark(say(item.test === "fisher" ? "table1.fisher" : "table1.chi_square")),
            ),
            smdOf(item.smd, at),
          ],
        },
        ...item.levels.map((level, i): ReportRow => {
          const path: Path = [...row(at), "levels", i];
          return {
            inset: true,
            cells: [
              level.label,
              ...groups.map((group) => {
                const count = from.number([...path, "count", group]);
                return level.share[group] === null
                  ? count
                  : `${count} (${from.number([...path, "share", group], (share) => (100 * share).toFixed(1))})`;
              }),
              "",
              "",
            ],
          };
        }),
        ...missingOf(at, item.missing),
      ];
    const write = (value: number) => value.toFixed(item.decimals + 1);
    const figures = (what: "mean" | "median") =>
      groups.map((group) => {
        const path: Path = [...row(at), "summary", group];
        const summary = item.summary[group];
        if (summary === null) return "–";
        if (what === "mean")
          return summary.sd === null
            ? from.number([...path, "mean"], write)
            : `${from.number([...path, "mean"], write)} ± ${from.number([...path, "sd"], write)}`;
        return `${from.number([...path, "median"], write)} [${from.number([...path, "q1"], write)}${say("to")}${from.number([...path, "q3"], write)}]`;
      });
    return [
      {
        heads: true,
        cells: [
          say("table1.number", { label: item.label, unit: item.unit ?? "", has: item.unit === null ? "no" : "yes" }),
          "",
          "",
          "",
          "",
          smdOf(item.smd, at),
        ],
      },
      {
        inset: true,
        cells: [
          say("table1.mean"),
          ...figures("mean"),
          marked(
            w.p(item.pMeans, [...row(at), "pMeans"]),
            item.pMeans === null ? null : notes.mark(say("table1.welch")),
          ),
          "",
        ],
      },
      {
        inset: true,
        cells: [
          say("table1.median"),
          ...figures("median"),
          marked(
            w.p(item.pRanks, [...row(at), "pRanks"]),
            item.pRanks === null ? null : notes.mark(say("table1.ranks")),
          ),
          "",
        ],
      },
      ...missingOf(at, item.missing),
    ];
  });
  return {
    title: say(of === "patients" ? "table1.patients" : "table1.lesions", { lesion }),
    head: [
      say("table1.characteristic"),
      ...groups.map((group) => say(`table1.${group}`, { n: w.count([...root, "n", group]) })),
      "P",
      say("table1.smd"),
    ],
    rows,
    widths: [30, 18, 18, 18, 9, 7],
    texts: 1,
    notes: [
      say(of === "patients" ? "table1.about_patients" : "table1.about_lesions", {
        lesion,
        tested: table.tested ? "yes" : "no",
      }),
      ...notes.notes(),
    ],
  };
}

const marked = (text: string, mark: string | null): string => (mark === null ? text : `${text}${mark}`);

/** Table 2: the accuracy of each reader in each condition, and of the network. */
export function accuracyOf(w: Writer): ReportTable {
  const { say, from, result } = w;
  const notes = w.footnotes();
  const columns = (["sensitivity", "specificity", "ppv", "npv", "accuracy", "auc"] as const).map((column) => ({
    column,
    ...notes.under(result.rows.map((row) => row[column])),
  }));
  return {
    title: say("table2.title", w.counted),
    head: [
      say("table2.who"),
      say("table2.n"),
      ...(["tp", "fn", "tn", "fp"] as const).map((cell) => say(`table2.${cell}`)),
      ...columns.map(({ column, mark }) => `${say(`table2.${column}`)}${mark}`),
    ],
    rows: result.rows.map((row, at) => ({
      cells: [
        w.partyOf(row),
        from.number(["result", "rows", at, "n"]),
        ...(["tp", "fn", "tn", "fp"] as const).map((cell) => from.number(["result", "rows", at, cell])),
        ...columns.map(({ column, each }) =>
          w.cell(row[column], ["result", "rows", at, column], column === "auc" ? "number" : "percent", each),
        ),
      ],
    })),
    widths: [17, 6, 5, 5, 5, 5, 9.5, 9.5, 9.5, 9.5, 9.5, 9.5],
    texts: 1,
    notes: [
      say("table2.about", { ratings: ratingsOf(w) }),
      ...(w.plannedRules === null ? [] : [say("table2.rule_set", { rules: w.plannedRules })]),
      ...(result.notEvaluable.length === 0
        ? []
        : [say("table2.not_evaluable", { rule: w.records.protocol.notEvaluable.rule ?? "exclude" })]),
      ...notes.notes(),
    ],
  };
}

/** Table 3: the planned contrast as it was planned, then differences on average and of each reader, with their P values. */
export function differencesOf(w: Writer): ReportTable {
  const { say, result } = w;
  const notes = w.footnotes();
  const unitOf = (measure: string): Unit => (measure === "auc" ? "number" : "points");
  const averageRow = (
    average: Pick<PrimaryAnswer, "first" | "second" | "measure" | "reads" | "possible">,
    path: Path,
    test: { difference: Estimate; df: number | null; p: number | null; pHolm?: number | null },
    ofTest: Path,
  ): ReportRow => {
    const { first, second, measure, reads, possible } = average;
    const condition = w.conditionOf(second);
    return {
      cells: [
        first === null
          ? say("table3.network", { condition })
          : say("table3.average", { first: w.conditionOf(first), second: condition }),
        say(`measure.${measure}`),
        say("table3.reads", {
          reads: w.count([...path, "reads"]),
          possible: w.count([...path, "possible"]),
          all: reads === possible ? "yes" : "no",
        }),
        w.cell(test.difference, [...ofTest, "difference"], unitOf(measure), notes, "beside"),
        test.df === null ? "–" : w.from.number([...ofTest, "df"], (df) => df.toFixed(1)),
        w.p(test.p, [...ofTest, "p"]),
        w.p(test.pHolm ?? null, [...ofTest, "pHolm"]),
      ],
    };
  };
  const { primary } = result;
  const planned = primary ? [averageRow(primary, ["result", "primary"], primary, ["result", "primary"])] : [];
  const averages = result.averages.map((average, at) => {
    const path: Path = ["result", "averages", at];
    return averageRow(average, path, average.fixed, [...path, "fixed"]);
  });
  const like = result.averages.flatMap((average, at) => {
    const path: Path = ["result", "averages", at];
    return average.random ? [averageRow(average, path, average.random, [...path, "random"])] : [];
  });
  const paired = result.comparisons.map(({ first, second, measure, difference, p, pHolm }, at): ReportRow => {
    const path: Path = ["result", "comparisons", at];
    return {
      cells: [
        say("table3.pair", { first: w.partyOf(first), second: w.partyOf(second) }),
        say(`measure.${measure}`),
        w.from.number([...path, "n"]),
        w.cell(difference, [...path, "difference"], unitOf(measure), notes, "beside"),
        "–",
        w.p(p, [...path, "p"]),
        w.p(pHolm, [...path, "pHolm"]),
      ],
    };
  });
  const heading = (text: string): ReportRow => ({ heads: true, cells: [text, "", "", "", "", "", ""] });
  return {
    title: say("table3.title"),
    head: [
      say("table3.contrast"),
      say("table3.measure"),
      say("table3.n"),
      say("table3.difference"),
      say("table3.df"),
      "P",
      say("table3.holm"),
    ],
    rows: [
      ...(primary ? [heading(say("table3.primary", { whom: primary.readers })), ...planned] : []),
      ...(averages.length > 0 ? [heading(say("table3.averages")), ...averages] : []),
      ...(like.length > 0 ? [heading(say("table3.like")), ...like] : []),
      ...(paired.length > 0 ? [heading(say("table3.paired")), ...paired] : []),
    ],
    widths: [31, 12, 9, 25, 6, 8, 9],
    texts: 2,
    notes: [say("table3.about", w.counted), ...notes.notes()],
  };
}

/** Table 4: what each rule for reads that were not evaluable gives, the planned one marked. */
export function notEvaluableOf(w: Writer): ReportTable {
  const { say, from, result } = w;
  const notes = w.footnotes();
  return {
    title: say("table4.title"),
    head: [
      say("table2.who"),
      say("table4.rule"),
      say("table4.positive"),
      say("table4.negative"),
      say("table2.n"),
      say("table2.sensitivity"),
      say("table2.specificity"),
    ],
    rows: result.notEvaluable.map((row, at) => {
      const path: Path = ["result", "notEvaluable", at];
      return {
        cells: [
          w.partyOf(row),
          say("table4.as", { rule: row.rule, planned: row.planned ? "yes" : "no" }),
          ...(["positive", "negative", "n"] as const).map((key) => from.number([...path, key])),
          ...(["sensitivity", "specificity"] as const).map((key) =>
            w.cell(row[key], [...path, key], "percent", notes, "beside"),
          ),
        ],
      };
    }),
    widths: [20, 15, 12, 12, 6, 17.5, 17.5],
    texts: 2,
    notes: [say("table4.about", w.counted), ...notes.notes()],
  };
}

/**
 * Where each number of the text, the tables and the figures stands: a line for what belongs together (one row of the result, one box of the flow), under the
 * place where it is printed. What is printed twice in one place stands there once.
 */
export function sourcesTable({ say, from }: Writer): ReportTable {
  const places = new Map<string, Map<string, Set<string>>>();
  for (const { place, text, path } of from.cited) {
    const cut = Math.max(path.lastIndexOf("].") + 1, path.indexOf("."));
    const end = path.indexOf(".", path.indexOf(".") + 1);
    const at = path.includes("].") ? cut : end > 0 ? end : cut;
    const groups = places.get(place) ?? new Map<string, Set<string>>();
    places.set(place, groups);
    const whole = path.slice(0, at);
    groups.set(whole, (groups.get(whole) ?? new Set()).add(`${path.slice(at + 1)}: ${text}`));
  }
  return {
    title: say("sources.title"),
    head: [say("sources.path"), say("sources.number")],
    rows: [...places].flatMap(([place, groups]): ReportRow[] => [
      { heads: true, cells: [place, ""] },
      ...[...groups].map(([path, numbers]) => ({ cells: [path, [...numbers].join(say("semicolon"))] })),
    ]),
    widths: [34, 66],
    texts: 2,
    notes: [],
  };
}
