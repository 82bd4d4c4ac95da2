import { type FlowStep, flowFigure } from "../figures/flow-figure";
import { type ForestRow, forestFigure } from "../figures/forest-figure";
import { rocFigure } from "../figures/roc-figure";
import { conditionStylesOf, networkSeries, seriesOf } from "../figures/series";
import type { Estimate } from "../stats/types";
import { ratingsOf } from "./methods";
import { type ReportFigure, runsOf } from "./parts";
import type { Path } from "./sources";
import type { Writer } from "./writer";

/** The font of every figure: it has the letters of both languages. */
const figureFont = "Noto Sans SC";

const markOf = ({ records, say }: Writer): string | null => (records.study.synthetic ? say("synthetic") : null);

/** Figure 1: from the first screened patient to what each index test said of each image. */
export function flowOf(w: Writer): ReportFigure {
  const { records, result, say, count } = w;
  const { flow } = records;
  const lesion = records.protocol.lesion;
  const n = (key: keyof typeof flow & string) => count(["records", "flow", key]);
  const aside = (condition: boolean, title: () => string, lines: () => string[] = () => []) =>
    condition ? [{ title: title(), lines: lines() }] : [];
  const { withdrawn, notAnalysed: left } = flow;
  const { excluded, withoutTruth } = result.about;
  const notAnalysed = (reason: keyof typeof left, name: "flow.no_image" | "flow.no_reference" | "flow.by_plan") =>
    aside(left[reason] > 0, () => say(name, { n: count(["records", "flow", "notAnalysed", reason]) }));
  const units = result.rows[0] ? w.answers(result.rows[0], "units") : null;
  const leftWith = (["keep", "no_further_use", "destroy"] as const).filter((scope) => withdrawn[scope] > 0);
  const steps: FlowStep[] = [
    {
      main: say("flow.screened", { n: n("screened") }),
      aside: [
        ...aside(
          true,
          () => say("flow.failures", { n: n("failures") }),
          () =>
            flow.failureReasons.map(({ text }, at) =>
              say("flow.reason", { reason: text, count: count(["records", "flow", "failureReasons", at, "count"]) }),
            ),
        ),
        ...aside(flow.undecided > 0, () => say("flow.undecided", { n: n("undecided") })),
        ...aside(flow.eligibleNotEnrolled > 0, () => say("flow.not_enrolled", { n: n("eligibleNotEnrolled") })),
      ],
    },
    {
      main: say("flow.enrolled", { n: n("enrolled") }),
      aside: aside(
        leftWith.length > 0,
        () => say("flow.withdrawn"),
        () => leftWith.map((scope) => say(`flow.${scope}`, { count: count(["records", "flow", "withdrawn", scope]) })),
      ),
    },
    ...(flow.inUse < flow.enrolled ? [{ main: say("flow.in_use", { n: n("inUse") }), aside: [] }] : []),
    {
      main: say("flow.located", { lesion, n: n("nodesLocated") }),
      aside: aside(true, () => say("flow.excluded", { n: n("nodesExcluded") })),
    },
    {
      main: say("flow.studied", { lesion, n: n("nodes") }),
      aside: [
        ...aside(true, () => say("flow.not_found", { n: n("nodesNotFound") })),
        ...notAnalysed("noImage", "flow.no_image"),
        ...notAnalysed("noReference", "flow.no_reference"),
        ...notAnalysed("byPlan", "flow.by_plan"),
      ],
    },
    {
      main: say("flow.analysed", {
        lesion,
        n: count(["result", "about", "images"]),
        positive: count(["result", "about", "positiveImages"]),
        nodes: count(["result", "about", "nodes"]),
        patients: count(["result", "about", "patients"]),
      }),
      aside: aside(
        excluded > 0 || withoutTruth.images > 0,
        () => say("flow.images_left"),
        () => [
          ...(excluded > 0 ? [say("flow.images_by_plan", { n: count(["result", "about", "excluded"]) })] : []),
          ...(withoutTruth.images > 0
            ? [say("flow.images_without", { n: count(["result", "about", "withoutTruth", "images"]) })]
            : []),
        ],
      ),
    },
    ...(units && w.counted.unit !== "image"
      ? [{ main: say("flow.counted", { ...w.counted, ...units }), aside: [] }]
      : []),
  ];
  const tests = result.rows.map((row) => {
    const [positive, negative] = [w.answers(row, "positive"), w.answers(row, "negative")];
    return {
      title: w.partyOf(row),
      lines: [
        say("flow.positive_call", { tp: positive.positive, fp: positive.negative }),
        say("flow.negative_call", { tn: negative.negative, fn: negative.positive }),
        ...(row.condition === null ? [] : [say("flow.not_evaluable", w.answers(row, "notEvaluable"))]),
        say("flow.missing", w.answers(row, "missing")),
      ],
    };
  });
  const drawn = flowFigure({ steps, tests, font: figureFont, mark: markOf(w) });
  return {
    ...drawn,
    title: say("figure.flow"),
    alt: say("figure.flow_alt", { screened: flow.screened, images: result.about.images }),
    notes: units ? [say("figure.flow_note", { ...w.counted, ...units })] : [],
  };
}

/** A mark without the signs of the text around it: a drawing raises it itself. */
const markAlone = (mark: string): string =>
  runsOf(mark)
    .map(({ text }) => text)
    .join("");

/** Figure 2. */
export function rocOf(w: Writer): ReportFigure {
  const { result, say } = w;
  const readers = [...new Set(result.roc.flatMap(({ reader, condition }) => (condition === null ? [] : [reader])))];
  const series = seriesOf(readers);
  const styles = conditionStylesOf(result.about.conditions.map(({ key }) => key));
  const footnotes = w.footnotes();
  const drawn = rocFigure({
    entries: result.roc.map((entry) => ({
      ...entry,
      name: w.partyOf(entry),
      footnote: markAlone(footnotes.ofAll([entry.point.tpr, entry.point.fpr])),
      series: entry.condition === null ? networkSeries : (series.get(entry.reader) ?? networkSeries),
      style: styles.get(entry.condition ?? "") ?? { fill: "full", dash: undefined },
      heavy: entry.condition === null,
    })),
    axes: { x: say("figure.x"), y: say("figure.y") },
    font: figureFont,
    mark: markOf(w),
  });
  return {
    ...drawn,
    title: say("figure.roc"),
    alt: say("figure.roc_alt"),
    notes: [say("figure.roc_note", { ...w.counted, ratings: ratingsOf(w) }), ...footnotes.notes()],
  };
}

/** Figure 3: every difference in the measure of the planned contrast (the AUC where none was planned); null where there is none. */
export function contrastsOf(w: Writer): ReportFigure | null {
  const { result, say, conditionOf } = w;
  const { primary } = result;
  const measure = primary?.measure ?? "auc";
  const unit = measure === "auc" ? "number" : "points";
  const series = seriesOf([...new Set(result.reads.map(({ reader }) => reader))]);
  const inUnit = (value: number) => w.inUnit(value, unit);
  const footnotes = w.footnotes();
  const rowOf = (name: string, difference: Estimate, path: Path, colour: string): ForestRow => {
    const { estimate, lower, upper } = difference;
    const text =
      estimate === null
        ? "–"
        : w.from.cite(
            lower === null || upper === null
              ? inUnit(estimate)
              : `${inUnit(estimate)} (${say("interval", { lower: inUnit(lower), upper: inUnit(upper) })})`,
            path,
          );
    return { name, estimate, lower, upper, text, mark: markAlone(footnotes.of(difference)), colour };
  };
  const averageName = (first: string | null, second: string) =>
    first === null
      ? say("table3.network", { condition: conditionOf(second) })
      : say("table3.average", { first: conditionOf(first), second: conditionOf(second) });
  const rows = [
    ...(primary
      ? [
          {
            ...rowOf(
              say("figure.primary", { contrast: averageName(primary.first, primary.second) }),
              primary.difference,
              ["result", "primary", "difference"],
              networkSeries.colour,
            ),
            primary: true,
          },
        ]
      : []),
    ...result.averages.flatMap(({ first, second, fixed, measure: of }, at) =>
      of === measure &&
      !(primary && primary.readers === "fixed" && first === primary.first && second === primary.second)
        ? [
            rowOf(
              averageName(first, second),
              fixed.difference,
              ["result", "averages", at, "fixed", "difference"],
              "#3d4750",
            ),
          ]
        : [],
    ),
    ...result.comparisons.flatMap(({ kind, first, second, difference, measure: of }, at) =>
      of === measure
        ? [
            rowOf(
              say("table3.pair", { first: w.partyOf(first), second: w.partyOf(second) }),
              difference,
              ["result", "comparisons", at, "difference"],
              series.get(kind === "network" ? second.reader : first.reader)?.colour ?? "#3d4750",
            ),
          ]
        : [],
    ),
  ];
  if (rows.length === 0) return null;
  const named = { measure: say(`measure.${measure}`) };
  const drawn = forestFigure({
    rows,
    axis: say(unit === "points" ? "figure.difference_points" : "figure.difference", named),
    tick: (value) =>
      (unit === "points" ? String(Math.round(1000 * value) / 10) : String(Math.round(1000 * value) / 1000)).replace(
        "-",
        "−",
      ),
    margin: primary?.margin ?? null,
    marginLabel: primary?.margin ? say("figure.margin", { margin: w.inUnit(primary.margin, unit) }) : "",
    font: figureFont,
    mark: markOf(w),
  });
  return {
    ...drawn,
    title: say("figure.forest", named),
    alt: say("figure.forest_alt"),
    notes: [say("figure.forest_note", { ...w.counted, primary: primary?.readers ?? "none" }), ...footnotes.notes()],
  };
}
