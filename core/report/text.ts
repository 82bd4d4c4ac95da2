import { naturalOrder } from "../text/natural-order";
import type { Said } from "../words";
import { methodSentences, methodsOfAll } from "./methods";
import type { ReportRecords } from "./records";
import type { Path } from "./sources";
import type { Unit, Writer } from "./writer";

/** Of a difference in it. */
const unitOf = (measure: string): Unit => (measure === "auc" ? "number" : "points");

/** Readers whose reads were made so. */
const readersFrom = ({ result }: Writer, source: "reader" | "imported" | "simulated"): string[] =>
  Object.entries(result.about.readsFrom)
    .filter(([, sources]) => sources.includes(source))
    .map(([reader]) => reader)
    .sort(naturalOrder);

/** The methods of the paper, a paragraph each, as the protocol and the records have them. */
export function methodsOf(w: Writer): { design: string[]; tests: string[]; network: string[]; statistics: string[] } {
  const { records, result, say, list, sentences, count } = w;
  const { protocol, study } = records;
  const { about, primary } = result;
  const { run } = about;
  const lesion = protocol.lesion;
  const readers = [...new Set(result.reads.map(({ reader }) => reader))];

  const design = [
    sentences(
      say("methods.protocol", {
        title: protocol.title,
        key: about.protocol.key,
        version: about.protocol.version,
        sha256: about.protocol.sha256,
        day: study.lockedAt.slice(0, 10),
      }),
      say("methods.sites", { sites: count(["records", "study", "sites"]) }),
      say("methods.inclusion", { criteria: list(protocol.inclusion, "apart") }),
      protocol.exclusion.length > 0 ? say("methods.exclusion", { criteria: list(protocol.exclusion, "apart") }) : null,
    ),
    sentences(
      say("methods.images", { lesion, planes: list(protocol.planes) }),
      say("methods.reference", { lesion }),
      study.lockReason ? say("methods.lock_reason", { reason: study.lockReason }) : null,
    ),
  ];

  const conditions = protocol.conditions.map(({ label, shows, washOutDays, repeats }, at) =>
    say("methods.condition", {
      label,
      shows: shows.includes("size") ? "size" : "nothing",
      wash: at === 0 ? -1 : w.count(["records", "protocol", "conditions", at, "washOutDays"]),
      repeats: repeats === null ? "" : w.conditionOf(repeats),
      repeated: repeats === null ? "no" : "yes",
      days: washOutDays,
    }),
  );
  const imported = readersFrom(w, "imported");
  const simulated = readersFrom(w, "simulated");
  const tests =
    readers.length === 0
      ? []
      : [
          sentences(
            say("methods.readers", {
              count: readers.length,
              readers: list(readers),
              unit: about.unit,
              lesion,
              conditions: list(conditions, "apart"),
            }),
            protocol.repeats && w.result.agreement.some(({ kind }) => kind === "repeats")
              ? say("methods.repeats", {
                  cases: count(["records", "protocol", "repeats", "cases"]),
                  apart: count(["records", "protocol", "repeats", "apart"]),
                })
              : null,
            protocol.criteria.length > 0 ? say("methods.form", { criteria: list(protocol.criteria) }) : null,
            protocol.rating && ratingInWords(w, protocol.rating),
            typeof protocol.rating?.positiveFrom === "number"
              ? null
              : say("methods.call", { confidence: protocol.confidence ? "yes" : "no" }),
            protocol.notEvaluable.asked
              ? say("methods.may_be_left", {
                  reasons: list(protocol.notEvaluable.reasons),
                  given: protocol.notEvaluable.reasons.length > 0 ? "yes" : "no",
                })
              : null,
            protocol.ruleSet === null ? null : say("methods.rules", { rules: protocol.ruleSet }),
            w.plannedRules === null ? null : say("methods.rule_set", { rules: w.plannedRules }),
            readersFrom(w, "reader").length > 0 ? say("methods.blinding") : null,
            w.input.records.reading.lists > 0
              ? say("methods.signed", {
                  signed: w.count(["records", "reading", "signedLists"]),
                  lists: w.count(["records", "reading", "lists"]),
                })
              : null,
            imported.length > 0 ? say("methods.imported", { readers: list(imported) }) : null,
            simulated.length > 0 ? say("methods.simulated", { readers: list(simulated) }) : null,
          ),
        ];

  const network =
    run === null
      ? [say("methods.no_network")]
      : [
          sentences(
            say("methods.network", { kind: run.trainable }),
            run.trainable === "elsewhere"
              ? say("methods.elsewhere")
              : say("methods.folds", {
                  folds: count(["result", "about", "run", "folds"]),
                  unit: run.splitUnit,
                  seed: w.from.number(["result", "about", "run", "seed"]),
                }),
            run.foldThresholds.length > 0
              ? say("methods.thresholds_chosen")
              : say("methods.threshold", { threshold: w.from.number(["result", "about", "run", "threshold"]) }),
            say("methods.run", { run: run.id }),
          ),
        ];

  const families = about.plan.families?.map((family) => list(family.map((kind) => say("methods.family", { kind }))));
  const statistics = [
    sentences(
      primary === null
        ? say("methods.no_primary")
        : say("methods.primary", {
            ...sidesOf(w),
            whom: primary.readers,
            margin:
              primary.margin === null
                ? ""
                : w.from.cite(pointsOf(w, primary.margin, unitOf(primary.measure)), ["result", "primary", "margin"]),
            planned: primary.margin === null ? "difference" : "margin",
          }),
      say("methods.unit", { ...w.counted, rule: about.plan.unit?.rule ?? "any" }),
      ...exclusionsInWords(w),
      say("methods.without_truth", {
        images: count(["result", "about", "withoutTruth", "images"]),
        reads: count(["result", "about", "withoutTruth", "reads"]),
      }),
      ...(readers.length === 0
        ? []
        : [
            say("methods.missing"),
            say("methods.not_evaluable", {
              ...w.counted,
              rule: protocol.notEvaluable.rule ?? "exclude",
              planned: protocol.notEvaluable.rule === null ? "no" : "yes",
              table: result.notEvaluable.length > 0 ? "yes" : "no",
            }),
          ]),
    ),
    sentences(
      ...methodSentences(w),
      say("methods.holm", { families: families ? "planned" : "all", list: list(families ?? [], "apart") }),
    ),
    sentences(
      say("methods.baseline", { tested: records.baseline.lesions.tested ? "yes" : "no", lesion }),
      say("methods.computed", { methods: w.input.computed.methods, sha256: w.input.computed.inputSha256 }),
    ),
  ];
  return { design, tests, network, statistics };
}

function ratingInWords({ say, from }: Writer, rating: NonNullable<ReportRecords["protocol"]["rating"]>): string {
  const path: Path = ["records", "protocol", "rating"];
  const { low, high, positiveFrom } = rating;
  return say("methods.rating", {
    min: from.number([...path, "min"]),
    max: from.number([...path, "max"]),
    ...{ low, high, from: positiveFrom === null ? "" : from.number([...path, "positiveFrom"]) },
    cut: positiveFrom === null ? "no" : "yes",
  });
}

/** What the plan leaves out, and how many images that are; nothing where it leaves out none. */
function exclusionsInWords({ records, result, say, list, from, count }: Writer): string[] {
  if (result.about.excluded === 0) return [];
  const { planes, regions, shortAxisBelowMm } = records.protocol.exclusions;
  const lesion = records.protocol.lesion;
  const part = (kind: "planes" | "regions" | "sizes", what: string) =>
    say("methods.by_plan_part", { kind, what, lesion });
  const parts = [
    ...(planes.length > 0 ? [part("planes", list(planes))] : []),
    ...(regions.length > 0 ? [part("regions", list(regions))] : []),
    ...(shortAxisBelowMm === null
      ? []
      : [part("sizes", from.number(["records", "protocol", "exclusions", "shortAxisBelowMm"]))]),
  ];
  return [say("methods.by_plan", { count: count(["result", "about", "excluded"]), what: list(parts, "apart") })];
}

/** Both sides and the measure of the planned contrast, for its sentences. */
function sidesOf({ result, say, conditionOf }: Writer) {
  const { primary } = result;
  if (!primary) throw new Error("There is no planned contrast.");
  const average = (condition: string) => say("results.average_of", { condition: conditionOf(condition) });
  return {
    first: primary.first === null ? say("results.the_network") : average(primary.first),
    second: average(primary.second),
    measure: say(`named.${primary.measure}`),
  };
}

const pointsOf = ({ say, inUnit }: Writer, value: number, unit: Unit): string =>
  unit === "number" ? inUnit(value, unit) : say("points", { value: inUnit(value, unit) });

/** The answer of the planned contrast as a sentence with its numbers. */
export function primaryInWords(w: Writer): string {
  const { result, say } = w;
  const { primary } = result;
  if (!primary) return say("results.no_primary");
  const { verdict, margin, difference, p, measure } = primary;
  const unit = unitOf(measure);
  const path: Path = ["result", "primary", "difference"];
  const sides = {
    ...sidesOf(w),
    margin: margin === null ? "" : w.from.cite(pointsOf(w, margin, unit), ["result", "primary", "margin"]),
  };
  const answer =
    verdict === null
      ? say("results.verdict.none", sides)
      : verdict === "worse" && margin !== null && (difference.lower ?? -1) > -margin
        ? say("results.verdict.worse_within", sides)
        : verdict === "not_shown" && margin !== null
          ? say("results.verdict.not_shown_margin", sides)
          : say(`results.verdict.${verdict}`, sides);
  return w.sentences(
    answer,
    say("results.primary", {
      difference: w.estimate(difference, path, unit),
      p: w.pInWords(p, ["result", "primary", "p"]),
      tested: p === null ? "no" : "yes",
      whom: primary.readers,
      method: methodsOfAll(w, [difference]) || w.speak(difference.method),
    }),
    say("results.primary_about", {
      ...w.counted,
      n: w.count(["result", "primary", "n"]),
      reads: w.count(["result", "primary", "reads"]),
      possible: w.count(["result", "primary", "possible"]),
      readers: w.list(primary.averagedOver),
    }),
    difference.estimate !== null && difference.caution ? say("caution", { caution: difference.caution }) : null,
  );
}

/** The results, a paragraph each, and what their marks stand for. */
export function resultsOf(w: Writer): { paragraphs: string[]; notes: string[] } {
  const { records, result, say, list, sentences, count } = w;
  const footnotes = w.footnotes();
  const lesion = records.protocol.lesion;
  const flow = (key: "screened" | "failures" | "enrolled" | "nodesLocated" | "nodesExcluded" | "nodesNotFound") =>
    count(["records", "flow", key]);
  const { withdrawn } = records.flow;
  const leftWith = (["keep", "no_further_use", "destroy"] as const).filter((scope) => withdrawn[scope] > 0);

  const lost = (["noImage", "noReference", "byPlan"] as const).filter((reason) => records.flow.notAnalysed[reason] > 0);

  const participants = sentences(
    say("results.flow", { screened: flow("screened"), failures: flow("failures"), enrolled: flow("enrolled") }),
    leftWith.length > 0
      ? say("results.withdrawn", {
          counts: list(
            leftWith.map((scope) =>
              say("results.withdrawn_as", { scope, count: count(["records", "flow", "withdrawn", scope]) }),
            ),
          ),
        })
      : null,
    say("results.lesions", {
      lesion,
      located: flow("nodesLocated"),
      excluded: flow("nodesExcluded"),
      notFound: flow("nodesNotFound"),
    }),
    lost.length > 0
      ? say("results.not_analysed", {
          lesion,
          parts: list(
            lost.map((reason) =>
              say("results.left_out", { reason, count: count(["records", "flow", "notAnalysed", reason]) }),
            ),
          ),
        })
      : null,
    say("results.analysed", {
      lesion,
      images: count(["result", "about", "images"]),
      nodes: count(["result", "about", "nodes"]),
      patients: count(["result", "about", "patients"]),
      positive: count(["result", "about", "positiveImages"]),
    }),
    w.counted.unit === "image" || !result.rows[0]
      ? null
      : say("results.counted", { ...w.counted, ...w.answers(result.rows[0], "units") }),
    result.notEvaluable.length > 0 ? say("results.not_evaluable") : null,
  );

  const accuracy = result.rows.map((row, at) =>
    say("results.accuracy", {
      who: w.partyOf(row),
      sensitivity: w.estimate(row.sensitivity, ["result", "rows", at, "sensitivity"], "percent", footnotes),
      specificity: w.estimate(row.specificity, ["result", "rows", at, "specificity"], "percent", footnotes),
      auc: row.auc.estimate === null ? "" : w.estimate(row.auc, ["result", "rows", at, "auc"], "number", footnotes),
      area: row.auc.estimate === null ? "no" : "yes",
      n: count(["result", "rows", at, "n"]),
      rated: row.auc.estimate === null ? "" : count(["result", "rows", at, "auc", "n"]),
    }),
  );

  const averages = result.averages.flatMap((average, at) => {
    const { first, second, measure, fixed, random } = average;
    if (fixed.difference.estimate === null) return [];
    const path: Path = ["result", "averages", at, "fixed"];
    const like: Path = ["result", "averages", at, "random"];
    return [
      say("results.average", {
        first:
          first === null ? say("results.the_network") : say("results.average_of", { condition: w.conditionOf(first) }),
        second: say("results.average_of", { condition: w.conditionOf(second) }),
        measure: say(`measure.${measure}`),
        ...w.counted,
        n: count(["result", "averages", at, "n"]),
        reads: count(["result", "averages", at, "reads"]),
        possible: count(["result", "averages", at, "possible"]),
        difference: w.estimate(fixed.difference, [...path, "difference"], unitOf(measure), footnotes),
        p: w.pInWords(fixed.p, [...path, "p"]),
        tested: fixed.p === null ? "no" : "yes",
        like: random ? w.estimate(random.difference, [...like, "difference"], unitOf(measure), footnotes) : "",
        likeP: random ? w.pInWords(random.p, [...like, "p"]) : "",
        ...{ random: random ? "yes" : "no", likeTested: typeof random?.p === "number" ? "yes" : "no" },
      }),
    ];
  });

  const agreement = result.agreement.map(({ kind, readers: [a, b], condition, kappa }, at) =>
    say("results.kappa", {
      readers:
        kind === "readers"
          ? list([a, b])
          : say(kind === "repeats" ? "results.again" : "results.herself", { reader: a }),
      condition: w.conditionOf(condition),
      n: count(["result", "agreement", at, "n"]),
      kappa: w.estimate(kappa, ["result", "agreement", at, "kappa"], "number", footnotes),
    }),
  );

  const network =
    result.network === null
      ? null
      : say("results.network", {
          ...w.counted,
          n: count(["result", "network", "n"]),
          methods: methodsOfAll(w, [
            result.network.brier,
            result.network.calibrationInTheLarge,
            result.network.calibrationSlope,
            result.network.averagePrecision,
          ]),
          brier: w.estimate(result.network.brier, ["result", "network", "brier"], "number", footnotes),
          large: w.estimate(
            result.network.calibrationInTheLarge,
            ["result", "network", "calibrationInTheLarge"],
            "number",
            footnotes,
          ),
          slope: w.estimate(
            result.network.calibrationSlope,
            ["result", "network", "calibrationSlope"],
            "number",
            footnotes,
          ),
          precision: w.estimate(
            result.network.averagePrecision,
            ["result", "network", "averagePrecision"],
            "number",
            footnotes,
          ),
        });

  const paragraphs = [
    participants,
    primaryInWords(w),
    accuracy.length > 0
      ? sentences(
          say("results.accuracy_by", {
            ...w.counted,
            methods: methodsOfAll(
              w,
              result.rows.flatMap((row) => [row.sensitivity, row.specificity, row.auc]),
            ),
          }),
          ...accuracy,
        )
      : "",
    averages.length > 0
      ? sentences(
          say("results.averages_by", {
            ...w.counted,
            methods: methodsOfAll(
              w,
              result.averages.flatMap(({ fixed, random }) => [fixed.difference, random?.difference]),
            ),
          }),
          ...averages,
        )
      : "",
    agreement.length > 0
      ? sentences(
          say("results.agreement_by", {
            ...w.counted,
            methods: methodsOfAll(
              w,
              result.agreement.map(({ kappa }) => kappa),
            ),
          }),
          ...agreement,
        )
      : "",
    network ?? "",
  ].filter((paragraph) => paragraph !== "");
  return { paragraphs, notes: footnotes.notes() };
}

/** What the numbers must not be read without. */
export function limitsOf(w: Writer): string[] {
  const { records, result, say, list, count } = w;
  const { about, primary } = result;
  const { run } = about;
  const readers = new Set(result.reads.map(({ reader }) => reader)).size;
  const imported = readersFrom(w, "imported");
  const simulated = readersFrom(w, "simulated");
  const missing = result.reads.filter(({ images, read }) => read < images);
  const caution = (said: Said) => say("caution", { caution: said });
  return [
    records.study.synthetic ? say("limits.synthetic") : null,
    records.study.sites === 1 ? say("limits.one_site") : null,
    about.nodes === about.patients ? say("limits.one_lesion", { lesion: records.protocol.lesion }) : null,
    readers > 0 && readers < 5 ? say("limits.few_readers", { readers }) : null,
    simulated.length > 0 ? say("limits.simulated", { readers: list(simulated) }) : null,
    imported.length > 0 ? say("limits.imported", { readers: list(imported) }) : null,
    records.protocol.conditions.some(({ washOutDays }, at) => at > 0 && washOutDays === 0)
      ? say("limits.no_wash_out")
      : null,
    missing.length > 0
      ? say("limits.missing_reads", {
          parts: list(
            missing.map((row) => {
              const at = result.reads.indexOf(row);
              return say("limits.missing_part", {
                ...w.counted,
                who: w.partyOf(row),
                truth: row.truth === 1 ? "positive" : "negative",
                read: count(["result", "reads", at, "read"]),
                images: count(["result", "reads", at, "images"]),
              });
            }),
            "apart",
          ),
        })
      : null,
    records.reading.inWashOut > 0
      ? say("limits.in_wash_out", { reads: count(["records", "reading", "inWashOut"]) })
      : null,
    records.reading.afterUnblinding.reads > 0
      ? say("limits.after_unblinding", {
          reads: count(["records", "reading", "afterUnblinding", "reads"]),
          patients: count(["records", "reading", "afterUnblinding", "patients"]),
        })
      : null,
    records.sizes.length > 0 ? say("limits.sizes", { sizes: list(records.sizes, "apart") }) : null,
    primary === null ? say("limits.exploratory") : null,
    run === null
      ? say("limits.no_network")
      : run.leakage !== null &&
          run.leakage.sameSubject + run.leakage.sameNode + run.leakage.duplicate + run.leakage.nearDuplicate > 0
        ? say("limits.leaks", {
            siblings: count(["result", "about", "run", "leakage", "sameSubject"]),
            node: count(["result", "about", "run", "leakage", "sameNode"]),
            duplicates: count(["result", "about", "run", "leakage", "duplicate"]),
            alike: count(["result", "about", "run", "leakage", "nearDuplicate"]),
            heldOut: count(["result", "about", "run", "leakage", "heldOut"]),
          })
        : run.leakage !== null
          ? say("limits.no_leak", { heldOut: count(["result", "about", "run", "leakage", "heldOut"]) })
          : null,
    ...(run?.cautions ?? []).map(caution),
    ...records.companions.map(({ kind, auc }, at) => {
      const written = w.estimate(auc, ["records", "companions", at, "auc"], "number");
      const values = { auc: written, n: count(["records", "companions", at, "auc", "n"]) };
      return kind === "control" ? say("limits.control", values) : say("limits.size_alone", values);
    }),
    say("limits.internal"),
  ].filter((each) => each !== null);
}
