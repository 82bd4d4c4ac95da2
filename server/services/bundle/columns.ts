import type { ProtocolDocument } from "@/core/protocol/protocol";
import type { ItemValue } from "@/core/protocol/values";
import { type ReadDisplay, windowAsStored } from "@/core/reading/display";
import { type Locale, type Said, sayIn } from "@/core/words";
import { groupColumn, ruleColumn } from "@/server/schemas/bundle";
import type { ListSignature } from "@/server/schemas/reading";

/** What a cell of a table holds; null: nothing was recorded. */
export type Cell = string | number | null;

/** A column of a table of the bundle, with its line of the code book. */
export interface Column<Row> {
  name: string;
  type: "text" | "integer" | "number" | "category";
  unit: string;
  meaning: Record<Locale, string>;
  /** What can stand there, as `0 = negative; 1 = positive` or a range; empty: anything of the type. */
  values: Record<Locale, string>;
  of: (row: Row) => Cell;
}

/** An image that is judged. */
export interface ImageRow {
  image: string;
  patient: string;
  /** The number of the node within its patient. */
  node: number;
  plane: string;
  region: string | null;
  truth: 0 | 1;
  shortAxisMm: number | null;
  /** Its subgroup by each factor of the analysis. */
  groups: Readonly<Record<string, string | null>>;
}

export interface ReadRow extends ImageRow {
  reader: string;
  condition: string;
  occasion: number;
  /** A hidden one: of a case that the list had before. */
  isRepeat: boolean;
  /** Null: the case was not evaluable. */
  call: 0 | 1 | null;
  confidence: number | null;
  rating: number | null;
  /** The reason: one of the protocol's, or the reader's own words. */
  notEvaluable: string | null;
  seconds: number | null;
  /** Null: not known. */
  display: ReadDisplay | null;
  /** Among the reads made here, in the order of submission; null: imported. */
  order: number | null;
  source: string;
  /** What its reader had been told of the patient before. */
  afterUnblinding: readonly string[];
  /** Whether it was made before the wash-out of its list was over; null where it was not made here. */
  inWashOut: boolean | null;
  criteria: Readonly<Record<string, unknown>>;
  /** The call by each rule set, in their order; null where it cannot say. */
  underRules: readonly (0 | 1 | null)[];
}

export interface ScoreRow extends ImageRow {
  fold: number | null;
  score: number;
  threshold: number;
}

interface PatientRow {
  patient: string;
  values: ReadonlyMap<string, ItemValue>;
}

const inBoth = (said: Said): Record<Locale, string> => ({ en: sayIn("en")(said), zh: sayIn("zh")(said) });
const anything = { en: "", zh: "" };
const ofText = (text: string | Record<Locale, string>): Record<Locale, string> =>
  typeof text === "string" ? { en: text, zh: text } : text;

/** `key = label; key = label`, in each language. */
const options = (all: readonly { key: string; label: string | Record<Locale, string> }[]): Record<Locale, string> => {
  const listed = (locale: Locale) => all.map(({ key, label }) => `${key} = ${ofText(label)[locale]}`).join("; ");
  return { en: listed("en"), zh: listed("zh") };
};

/** Of sites and scanners there are codes alone. */
const meaningOf = (factor: string) =>
  factor === "site" || factor === "scanner" ? (`bundle.column.group_${factor}` as const) : "bundle.column.group";

/** Of how a case was looked at; null where that is not known. */
const ofDisplay =
  (of: (display: ReadDisplay) => Cell) =>
  ({ display }: ReadRow): Cell =>
    display && of(display);

/** Stands for a reason that is none of the protocol's: a free text, which can tell who somebody is. */
const inOwnWords = "own_words";

/**
 * Every column of every table of a bundle, in its order: the tables, their code book and what reads them back follow this list. Nothing here says who a patient
 * is: dates and free texts of the baseline have no column.
 */
export function columnsOf(
  document: ProtocolDocument,
  {
    factors,
    ruleSets,
    leftOut = new Map(),
  }: {
    factors: readonly { key: string; levels: readonly string[] }[];
    ruleSets: readonly string[];
    /** How many values of a baseline item were none of its kind when they were recorded. */
    leftOut?: ReadonlyMap<string, number>;
  },
) {
  const truth = inBoth({ key: "bundle.values.truth" });
  const calls = inBoth({ key: "bundle.values.call" });
  const { criteria, rating: scale, notEvaluable } = document.form;
  const ends = scale && [
    { key: String(scale.min), label: scale.low },
    { key: String(scale.max), label: scale.high },
  ];
  const reasons = notEvaluable?.reasons ?? [];
  const ownWords = { key: inOwnWords, label: inBoth({ key: "bundle.values.own_words" }) };
  const ofImages: Column<ImageRow>[] = [
    column("image", "text", "bundle.column.image", ({ image }) => image),
    column("patient", "text", "bundle.column.patient", ({ patient }) => patient),
    column("node", "integer", "bundle.column.node", ({ node }) => node),
    { ...column("plane", "category", "bundle.column.plane", ({ plane }) => plane), values: options(document.planes) },
    { ...column("truth", "category", "bundle.column.truth", (image) => image.truth), values: truth },
  ];
  const images: Column<ImageRow>[] = [
    ...ofImages,
    {
      ...column("region", "category", "bundle.column.region", ({ region }) => region),
      values: options(document.regions),
    },
    { ...column("short_axis_mm", "number", "bundle.column.short_axis", (image) => image.shortAxisMm), unit: "mm" },
    ...factors.map(
      ({ key, levels }): Column<ImageRow> => ({
        ...column(groupColumn(key), "category", meaningOf(key), ({ groups }) => groups[key] ?? null),
        values: ofText(levels.join("; ")),
      }),
    ),
  ];
  const reads: Column<ReadRow>[] = [
    column("reader", "text", "bundle.column.reader", ({ reader }) => reader),
    {
      ...column("condition", "category", "bundle.column.condition", ({ condition }) => condition),
      values: options(document.conditions),
    },
    { ...column("occasion", "integer", "bundle.column.occasion", ({ occasion }) => occasion) },
    ...ofImages,
    { ...column("call", "category", "bundle.column.call", ({ call }) => call), values: calls },
    {
      ...column("confidence", "integer", "bundle.column.confidence", ({ confidence }) => confidence),
      values: inBoth({ key: "bundle.values.confidence" }),
    },
    { ...column("rating", "number", "bundle.column.rating", ({ rating }) => rating), values: options(ends ?? []) },
    {
      ...column("not_evaluable", "category", "bundle.column.not_evaluable", (read) =>
        read.notEvaluable === null || reasons.some(({ key }) => key === read.notEvaluable)
          ? read.notEvaluable
          : inOwnWords,
      ),
      values: options([...reasons, ownWords]),
    },
    { ...column("seconds", "number", "bundle.column.seconds", ({ seconds }) => seconds), unit: "s" },
    column(
      "zoom",
      "number",
      "bundle.column.zoom",
      ofDisplay(({ zoom }) => zoom),
    ),
    {
      ...column(
        "kernel",
        "category",
        "bundle.column.kernel",
        ofDisplay(({ kernel }) => kernel),
      ),
      values: inBoth({ key: "bundle.values.kernel" }),
    },
    {
      ...column(
        "window_width",
        "integer",
        "bundle.column.window_width",
        ofDisplay(({ window }) => (window ?? windowAsStored).width),
      ),
      values: ofText("1-511"),
    },
    {
      ...column(
        "window_level",
        "integer",
        "bundle.column.window_level",
        ofDisplay(({ window }) => (window ?? windowAsStored).level),
      ),
      values: ofText("0-255"),
    },
    {
      ...column(
        "inverted",
        "category",
        "bundle.column.inverted",
        ofDisplay(({ inverted }) => (inverted ? 1 : 0)),
      ),
      values: inBoth({ key: "bundle.values.inverted" }),
    },
    column(
      "times_hidden",
      "integer",
      "bundle.column.times_hidden",
      ofDisplay(({ hidden }) => hidden),
    ),
    {
      ...column(
        "screen_width_px",
        "integer",
        "bundle.column.screen_width",
        ofDisplay(({ screen }) => screen.width),
      ),
      unit: "px",
    },
    {
      ...column(
        "screen_height_px",
        "integer",
        "bundle.column.screen_height",
        ofDisplay(({ screen }) => screen.height),
      ),
      unit: "px",
    },
    column(
      "pixel_ratio",
      "number",
      "bundle.column.pixel_ratio",
      ofDisplay(({ pixelRatio }) => pixelRatio / 100),
    ),
    {
      ...column(
        "pointer",
        "category",
        "bundle.column.pointer",
        ofDisplay(({ pointer }) => pointer ?? "none"),
      ),
      values: inBoth({ key: "bundle.values.pointer" }),
    },
    column("order", "integer", "bundle.column.order", ({ order }) => order),
    {
      ...column("source", "category", "bundle.column.source", ({ source }) => source),
      values: inBoth({ key: "bundle.values.source" }),
    },
    {
      ...column("after_unblinding", "category", "bundle.column.after_unblinding", ({ afterUnblinding: told }) =>
        told.length > 0 ? told.join("+") : null,
      ),
      values: inBoth({ key: "bundle.values.after_unblinding" }),
    },
    {
      ...column("in_wash_out", "category", "bundle.column.in_wash_out", ({ inWashOut }) =>
        inWashOut === null ? null : inWashOut ? 1 : 0,
      ),
      values: inBoth({ key: "bundle.values.in_wash_out" }),
    },
    {
      ...column("repeat", "category", "bundle.column.repeat", ({ isRepeat }) => (isRepeat ? 1 : 0)),
      values: inBoth({ key: "bundle.values.repeat" }),
    },
    ...criteria.map(
      ({ key, label }): Column<ReadRow> => ({
        name: `criterion_${key.replaceAll("-", "_")}`,
        type: "category",
        unit: "",
        meaning: ofText(label),
        values: inBoth({ key: "bundle.values.present" }),
        of: (read) => (read.criteria[key] === true ? 1 : read.criteria[key] === false ? 0 : null),
      }),
    ),
    ...ruleSets.map(
      (key, place): Column<ReadRow> => ({
        ...column(ruleColumn(key), "category", "bundle.column.call_by_rules", (read) => read.underRules[place] ?? null),
        values: calls,
      }),
    ),
  ];
  const scores: Column<ScoreRow>[] = [
    ...ofImages,
    column("fold", "integer", "bundle.column.fold", ({ fold }) => fold),
    { ...column("score", "number", "bundle.column.score", ({ score }) => score), values: ofText("0-1") },
    column("threshold", "number", "bundle.column.threshold", ({ threshold }) => threshold),
  ];
  const patients: Column<PatientRow>[] = [
    column("patient", "text", "bundle.column.patient", ({ patient }) => patient),
    ...document.baseline.items.flatMap((item): Column<PatientRow>[] => {
      if (item.type !== "number" && item.type !== "choice") return [];
      const range = item.type === "number" && (item.min !== undefined || item.max !== undefined);
      return [
        {
          name: `baseline_${item.key}`,
          type: item.type === "number" ? "number" : "category",
          unit: item.type === "number" ? ofText(item.unit ?? "").en : "",
          meaning: withLeftOut(ofText(item.label), leftOut.get(item.key) ?? 0),
          values:
            item.type === "choice" ? options(item.options) : ofText(range ? `${item.min ?? ""}-${item.max ?? ""}` : ""),
          of: ({ values }) => values.get(item.key) ?? null,
        },
      ];
    }),
  ];
  const signatures: Column<ListSignature>[] = [
    column("reader", "text", "bundle.column.reader", ({ readerCode }) => readerCode),
    {
      ...column("condition", "category", "bundle.column.condition", ({ condition }) => condition),
      values: options(document.conditions),
    },
    column("batch", "integer", "bundle.column.batch", ({ batch }) => batch),
    column("reads", "integer", "bundle.column.signed_reads", ({ reads }) => reads),
    {
      ...column("meaning", "category", "bundle.column.meaning", ({ signature }) => signature?.meaning ?? null),
      values: inBoth({ key: "bundle.values.meaning" }),
    },
    column(
      "protocol_version",
      "text",
      "bundle.column.signed_protocol",
      (list) => list.signature?.protocolVersion ?? null,
    ),
    column("reads_sha256", "text", "bundle.column.signed_sha256", ({ signature }) => signature?.sha256 ?? null),
    {
      ...column(
        "stands",
        "category",
        "bundle.column.stands",
        ({ signature }) => signature && (signature.stands ? 1 : 0),
      ),
      values: inBoth({ key: "bundle.values.stands" }),
    },
  ];
  return { images, reads, scores, patients, signatures };
}

const withLeftOut = (meaning: Record<Locale, string>, count: number): Record<Locale, string> => {
  const told = (locale: Locale) =>
    sayIn(locale)({ key: "bundle.column.left_out", values: { meaning: meaning[locale], count } });
  return count === 0 ? meaning : { en: told("en"), zh: told("zh") };
};

const column = <Row>(
  name: string,
  type: Column<Row>["type"],
  key: Extract<Said["key"], `bundle.column.${string}`>,
  of: Column<Row>["of"],
): Column<Row> => ({ name, type, unit: "", meaning: inBoth({ key }), values: anything, of });
