import { isHiddenRepeat } from "@/core/reading/schedule";
import { bytesOf, packed } from "@/core/text/archive";
import { naturalOrder } from "@/core/text/natural-order";
import { type Locale, locales, type Said, sayIn } from "@/core/words";
import { SaidError } from "@/core/words/said";
import about from "@/package.json";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { sha256 } from "@/server/sha256";
import { toCsv } from "@/server/tables/to-csv";
import { type Cell, type Column, columnsOf, type ImageRow, type ReadRow } from "./columns";
import { inOtherPrograms } from "./in-other-programs";
import type { LoadedBundle } from "./load-bundle";
import { resultsText } from "./results-text";

/** Texts of the scripts that recompute the results, by name. */
export type Scripts = Readonly<Record<"reproduce.R" | "reproduce.py", string>>;

/**
 * A bundle: a ZIP archive of the de-identified data of a comparison, their code book, plan, protocol, results and what recomputes them. Pure: the same input gives
 * the same bytes. Patients are told by their number in the study, images by their place in it.
 * @throws SaidError when the records are no longer those that the results were computed from
 */
export function makeBundle(loaded: LoadedBundle, { scripts }: { scripts: Scripts }): Uint8Array {
  const { input, document, study, methods, inputSha256, protocol, protocolSha256, result } = loaded;
  if (sha256(canonicalJson(input)) !== inputSha256) throw new SaidError({ key: "worker.bundle_of_other_records" });
  const tables = rowsOf(loaded);
  const columns = columnsOf(document, { ...input, leftOut: tables.leftOut });
  const { images: _, reads: __, timed: ___, scores: ____, ...settings } = input;
  const hasSignatures = loaded.signatures.length > 0;
  const csv = {
    "images.csv": table(columns.images, tables.images),
    "reads.csv": table(columns.reads, tables.reads),
    ...(input.scores ? { "scores.csv": table(columns.scores, tables.scores) } : {}),
    "patients.csv": table(columns.patients, tables.patients),
    ...(hasSignatures ? { "signatures.csv": table(columns.signatures, loaded.signatures) } : {}),
  };
  const inTables: [string, readonly Column<never>[]][] = [
    ["images.csv", columns.images],
    ["reads.csv", columns.reads],
    ...(input.scores ? [["scores.csv", columns.scores] as [string, readonly Column<never>[]]] : []),
    ["patients.csv", columns.patients],
    ...(hasSignatures ? [["signatures.csv", columns.signatures] as [string, readonly Column<never>[]]] : []),
  ];
  const others = inOtherPrograms(tables);
  const texts: Record<string, string> = {
    ...csv,
    "codebook.csv": codeBook(inTables),
    "protocol.json": canonicalJson(protocol),
    "plan.json": pretty({ sha256: sha256(canonicalJson(document.analysis)), plan: document.analysis }),
    "settings.json": pretty(settings),
    "results.json": resultsText(result),
    "versions.json": pretty({
      study,
      versions: { nodewise: about.version, methods, node: process.versions.node, packages: about.dependencies },
      seeds: { comparison: input.seed, network: input.about.run?.seed ?? null },
      protocol: { key: document.key, version: document.version, sha256: protocolSha256 },
      inputSha256,
      auditTrail: loaded.trail,
    }),
    "README.md": locales
      .map((locale) => readMe(loaded, locale, { hasWorkbook: others.some(([name]) => name === "rjafroc/study.xlsx") }))
      .join("\n\n"),
    ...scripts,
  };
  const files = new Map<string, Uint8Array>([
    ...Object.entries(texts).map(([name, text]): [string, Uint8Array] => [name, bytesOf(text)]),
    ...others,
  ]);
  const sums = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, bytes]) => `${sha256(bytes)}  ${name}\n`)
    .join("");
  return packed(files.set("SHA256SUMS", bytesOf(sums)));
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const table = <Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string =>
  toCsv(
    rows.map((row) => Object.fromEntries(columns.map(({ name, of }): [string, Cell] => [name, of(row)]))),
    columns.map(({ name }) => name),
  );

function codeBook(tables: readonly [file: string, columns: readonly Column<never>[]][]): string {
  const lines = tables.flatMap(([file, columns]) =>
    columns.map(({ name, type, unit, meaning, values }) => ({
      file,
      column: name,
      type,
      unit,
      meaning_en: meaning.en,
      meaning_zh: meaning.zh,
      values_en: values.en,
      values_zh: values.zh,
    })),
  );
  return toCsv(lines);
}

/** As `loadComparison` has them: reads of one moment by their id. */
const byTime = (a: LoadedBundle["reads"][number], b: LoadedBundle["reads"][number]) =>
  a.submittedAt.getTime() - b.submittedAt.getTime() || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** The rows of the tables: images in the order of the study, reads by reader, condition, occasion and image. */
function rowsOf({ input, document, crops: all, nodes, reads, folds, baseline }: LoadedBundle) {
  const groupsOf = new Map(input.images.map(({ id, groups }) => [id, groups]));
  // Without those that the plan leaves out.
  const crops = all.filter(({ cropId }) => groupsOf.has(cropId));
  const readKey = (read: { reader: string; condition: string; occasion: number }, image: string) =>
    JSON.stringify([read.reader, read.condition, read.occasion, image]);
  const underRulesOf = new Map(input.reads.map((read) => [readKey(read, read.image), read.underRules]));
  const nodeOf = new Map(nodes.map((node) => [node.id, node]));
  const regions = new Set(document.regions.map(({ key }) => key));
  const width = String(crops.length).length;
  const images = crops.map(({ cropId, nodeId, subject, plane, truth, shortAxisMm }, place): ImageRow => {
    const { ordinal = 0, region = null } = nodeOf.get(nodeId) ?? {};
    return {
      image: `I${String(place + 1).padStart(width, "0")}`,
      patient: subject,
      node: ordinal,
      plane,
      // A region that is none of the protocol's is a free text.
      region: region !== null && regions.has(region) ? region : null,
      truth,
      shortAxisMm,
      groups: groupsOf.get(cropId) ?? {},
    };
  });
  const places = new Map(crops.map(({ cropId }, place) => [cropId, place]));
  const imageOf = (cropId: string) => images[places.get(cropId) ?? -1];
  const conditions = document.conditions.map(({ key }) => key);
  const made = reads.filter(({ source }) => source !== "imported").sort(byTime);
  const orderOf = new Map([...new Set(made.map(({ id }) => id))].map((id, at) => [id, at + 1]));
  const place = ({ image }: ImageRow) => image;
  const repeats = new Map(input.repeats);
  const readRows = reads
    .flatMap(({ cropId, call, activeMs, criteria, id, ...read }): ReadRow[] => {
      const image = imageOf(cropId);
      return image
        ? [
            {
              ...image,
              ...read,
              isRepeat: isHiddenRepeat(read, repeats),
              call: call && (call === "positive" ? 1 : 0),
              seconds: activeMs === null ? null : activeMs / 1000,
              order: orderOf.get(id) ?? null,
              underRules: underRulesOf.get(readKey(read, cropId)) ?? [],
              criteria: typeof criteria === "object" && criteria !== null ? { ...criteria } : {},
            },
          ]
        : [];
    })
    .sort(
      (a, b) =>
        naturalOrder(a.reader, b.reader) ||
        conditions.indexOf(a.condition) - conditions.indexOf(b.condition) ||
        naturalOrder(a.condition, b.condition) ||
        a.occasion - b.occasion ||
        (place(a) < place(b) ? -1 : 1),
    );
  const foldOf = new Map(folds.map(({ cropId, fold }) => [cropId, fold]));
  const scoreRows = (input.scores ?? []).flatMap(({ image: cropId, score, threshold }) => {
    const image = imageOf(cropId);
    const fold = foldOf.get(cropId) ?? -1;
    return image ? [{ ...image, fold: fold < 0 ? null : fold + 1, score, threshold }] : [];
  });
  const values = new Map<string, Map<string, string | number>>();
  const leftOut = new Map<string, number>();
  const subjects = new Set(crops.map(({ subjectId }) => subjectId));
  for (const { subjectId, key, value } of baseline.filter((each) => subjects.has(each.subjectId))) {
    if (value === null) leftOut.set(key, (leftOut.get(key) ?? 0) + 1);
    else values.set(subjectId, (values.get(subjectId) ?? new Map()).set(key, value));
  }
  const patients = [...new Map(crops.map(({ subject, subjectId }) => [subject, subjectId]))].map(
    ([patient, subjectId]) => ({ patient, values: values.get(subjectId) ?? new Map() }),
  );
  return { images, reads: readRows, scores: scoreRows, patients, leftOut };
}

export type BundleTables = ReturnType<typeof rowsOf>;

function readMe(
  { study, input, signatures, methods, protocolSha256 }: LoadedBundle,
  locale: Locale,
  { hasWorkbook }: { hasWorkbook: boolean },
): string {
  const say = sayIn(locale);
  const files: Said["key"][] = [
    "bundle.file.images",
    "bundle.file.reads",
    ...(input.scores ? (["bundle.file.scores"] as const) : []),
    "bundle.file.patients",
    ...(signatures.length > 0 ? (["bundle.file.signatures"] as const) : []),
    "bundle.file.codebook",
    "bundle.file.protocol",
    "bundle.file.plan",
    "bundle.file.settings",
    "bundle.file.results",
    "bundle.file.versions",
    "bundle.file.scripts",
    "bundle.file.imrmc",
    ...(hasWorkbook ? (["bundle.file.rjafroc"] as const) : []),
    "bundle.file.mrmcaov",
    "bundle.file.sums",
  ];
  return [
    `# ${say({ key: "bundle.readme.title", values: { study: study.name } })}`,
    ...(study.synthetic ? [say({ key: "bundle.readme.synthetic" })] : []),
    say({ key: "bundle.readme.check" }),
    "```\nsha256sum -c SHA256SUMS\nRscript reproduce.R\npython3 reproduce.py\nnpm run -s nodewise -- reproduce BUNDLE.zip\n```",
    files.map((key) => `- ${say({ key })}`).join("\n"),
    say({ key: "bundle.readme.patients" }),
    say({ key: "bundle.readme.clusters" }),
    say({ key: "bundle.readme.computed", values: { version: about.version, methods, sha256: protocolSha256 } }),
    "",
  ].join("\n\n");
}
