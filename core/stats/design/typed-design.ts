import { type ContrastDesign, fewestReaders, patientsForContrast, powerOfContrast } from "./contrast-power";

/** A design as it is typed in, in the fields of the page or as options of the command line. */
export interface Typed {
  kind: ContrastDesign["kind"];
  measure: ContrastDesign["measure"];
  readersAre: ContrastDesign["readersAre"];
  values: Record<FieldName, string>;
}

/** The numbers that are asked for, with the range of each and what stands there at first. */
export const fields = {
  first: { min: 0.01, max: 0.99, start: "0.80" },
  second: { min: 0.01, max: 0.99, start: "0.72" },
  margin: { min: 0.001, max: 0.99, start: "" },
  readers: { min: 1, max: 100, start: String(fewestReaders("random")) },
  readerSpread: { min: 0, max: 0.5, start: "0.03" },
  sameReader: { min: 0, max: 0.99, start: "0.50" },
  betweenReaders: { min: 0, max: 0.99, start: "0.40" },
  across: { min: 0, max: 0.99, start: "0.35" },
  prevalence: { min: 0.01, max: 0.99, start: "0.40" },
  nodes: { min: 1, max: 100, start: "2" },
  images: { min: 1, max: 100, start: "3" },
  icc: { min: 0, max: 1, start: "0.30" },
  power: { min: 0.5, max: 0.99, start: "0.80" },
  alpha: { min: 0.001, max: 0.2, start: "0.05" },
} as const;
export type FieldName = keyof typeof fields;

/** What a protocol plans: the contrast, the network as null, and how many readers. */
export interface Plan {
  primary:
    | (Pick<ContrastDesign, "measure" | "margin"> & { first: string | null; readers: ContrastDesign["readersAre"] })
    | null;
  readers: number;
}

/** What a plan says already; the rest is a first guess of each field. */
export function startOf({ primary, readers }: Plan): Typed {
  const values = Object.fromEntries(
    Object.entries(fields).map(([name, { start }]) => [name, start]),
  ) as Typed["values"];
  return {
    kind: primary?.first === null ? "network" : "condition",
    measure: primary?.measure ?? "auc",
    readersAre: primary?.readers ?? "fixed",
    values: { ...values, readers: String(readers), margin: primary?.margin ? String(primary.margin) : "" },
  };
}

/** Whether a field counts in this design. */
export function isAsked(name: FieldName, { kind, readersAre }: Typed): boolean {
  if (name === "readerSpread") return readersAre === "random";
  return name !== "sameReader" || kind === "condition";
}

/** The range of a field in this design. */
export const rangeOf = (name: FieldName, { readersAre }: Pick<Typed, "readersAre">): { min: number; max: number } =>
  name === "readers" ? { ...fields.readers, min: fewestReaders(readersAre) } : fields[name];

/** The fields whose value is no number in its range; the margin may be left out. */
export const wrongFields = (typed: Typed): FieldName[] =>
  (Object.keys(fields) as FieldName[]).filter((name) => {
    const text = typed.values[name].trim();
    if (!isAsked(name, typed) || (name === "margin" && text === "")) return false;
    const value = Number(text);
    const { min, max } = rangeOf(name, typed);
    return !(text !== "" && value >= min && value <= max && (name !== "readers" || Number.isInteger(value)));
  });

export type Answer =
  | { kind: "wrong"; fields: FieldName[] }
  /** No difference is expected, or one beyond the margin. */
  | { kind: "nothing" }
  /** No number of patients is enough. */
  | { kind: "never"; readers: number }
  | {
      kind: "found";
      patients: number;
      nodes: number;
      images: number;
      positive: number;
      designEffect: number;
      power: number;
      curve: { patients: number; power: number }[];
    };

const points = 40;

/** What the typed design needs. */
export function answerOf(typed: Typed): Answer {
  const wrong = wrongFields(typed);
  if (wrong.length > 0) return { kind: "wrong", fields: wrong };
  const value = (name: FieldName) => Number(typed.values[name]);
  const clusters = { meanClusterSize: value("nodes") * value("images"), icc: value("icc") };
  const design: ContrastDesign = {
    kind: typed.kind,
    measure: typed.measure,
    readersAre: typed.readersAre,
    first: value("first"),
    second: value("second"),
    margin: typed.values.margin.trim() === "" ? null : value("margin"),
    readers: value("readers"),
    readerSpread: value("readerSpread"),
    correlation: { sameReader: value("sameReader"), readers: value("betweenReaders"), across: value("across") },
    prevalence: value("prevalence"),
    clusters,
    alpha: value("alpha"),
  };
  const { first, second, margin } = design;
  if (margin === null ? first === second : first - second + margin <= 1e-12) return { kind: "nothing" };
  const patients = patientsForContrast(design, value("power"));
  if (patients === null) return { kind: "never", readers: design.readers };
  const images = Math.ceil(patients * clusters.meanClusterSize);
  const step = Math.max(1, Math.ceil((2 * patients) / points));
  return {
    kind: "found",
    patients,
    nodes: Math.ceil(patients * value("nodes")),
    images,
    positive: Math.round(images * design.prevalence),
    designEffect: 1 + (clusters.meanClusterSize - 1) * clusters.icc,
    power: powerOfContrast(design, patients),
    curve: Array.from({ length: points }, (_, i) => (i + 1) * step).map((n) => ({
      patients: n,
      power: powerOfContrast(design, n),
    })),
  };
}
