import type { PrimaryContrast } from "@/core/protocol/analysis";
import { readProtocol } from "@/core/protocol/read-protocol";
import { seededRandom } from "@/core/random";
import type { ReadDisplay } from "@/core/reading/display";
import type { NotEvaluableRule } from "@/core/stats/comparison/opinions";
import { compareStudy } from "@/server/services/analysis/compare-study";
import type { ComparisonInput } from "@/server/services/analysis/load-comparison";
import type { LoadedBundle } from "@/server/services/bundle/load-bundle";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { sha256 } from "@/server/sha256";

const protocol = parseProtocol((await shippedProtocol("demonstration")).source).document;

export interface Design {
  readers: number;
  seed: number;
  primary: PrimaryContrast | null;
  /** Whether this reader read this image in this condition, and how surely. */
  has?: (reader: number, condition: number, image: number) => boolean;
  isRated?: (reader: number, image: number, condition: number) => boolean;
  /** The rating from 1 to 5 of a belief in disease, null where none was given; left out: this study asks for none. */
  rate?: (reader: number, image: number, belief: number) => number | null;
  isEvaluable?: (reader: number, image: number) => boolean;
  /** Whether this reader's list of this condition had this image a second time: every third of those is called otherwise then. */
  isRepeated?: (reader: number, condition: number, image: number) => boolean;
  notEvaluable?: NotEvaluableRule;
  /** What is counted and by which calls; left out: images, by the calls as they were given. */
  unit?: ComparisonInput["plan"]["unit"];
  ruleSet?: "strict";
  withNetwork?: boolean;
  isScored?: (image: number) => boolean;
  patients?: number;
  /** One image of each patient, as programs that know no patients take them. */
  alone?: boolean;
}

/** A made-up study of patients with one to three nodes in one or two planes, as the worker would load it. */
export function studyOf({
  readers,
  seed,
  primary,
  patients = 50,
  withNetwork = true,
  alone = false,
  ...of
}: Design): LoadedBundle {
  const random = seededRandom(seed);
  const {
    has = () => true,
    isRated = () => true,
    rate = () => null,
    isEvaluable = () => true,
    isScored = () => true,
    isRepeated = () => false,
  } = of;
  const { notEvaluable = "exclude", unit = { level: "image", rule: "any" }, ruleSet = null } = of;
  const document = readProtocol({
    ...protocol,
    analysis: { ...protocol.analysis, primary: primary ?? undefined },
  });
  const crops = Array.from({ length: patients }, (_, p) => {
    const isSick = random() < 0.5;
    return Array.from({ length: alone ? 1 : 1 + Math.floor(random() * 3) }, (_, n) => {
      const truth = isSick && random() < 0.7 ? (1 as const) : (0 as const);
      return protocol.planes.slice(0, alone ? 1 : 1 + Math.floor(random() * 2)).map(({ key: plane }) => ({
        cropId: `crop ${p} ${n} ${plane}`,
        nodeId: `node ${p} ${n}`,
        subjectId: `subject ${p}`,
        subject: `=S-${p}, "x"`,
        plane,
        truth,
        shortAxisMm: random() < 0.1 ? null : 3 + Math.round(70 * random()) / 10,
      }));
    }).flat();
  }).flat();
  const conditions = document.conditions.map(({ key }) => key);
  const skill = Array.from({ length: readers }, () => 0.4 + random());
  const first = crops.flatMap(({ cropId, truth }, image) =>
    skill.flatMap((better, r) =>
      conditions.flatMap((condition, c) => {
        const belief = (truth - 0.5) * (better + 0.3 * c) + random() + random() - 1;
        if (!has(r, c, image)) return [];
        const judged = isEvaluable(r, image);
        return [
          {
            id: `read ${image} ${r} ${c}`,
            submittedAt: new Date(1000 * ((7919 * image + 31 * r + c) % 101)),
            reader: `R${r + 2}`,
            condition,
            occasion: 1,
            cropId,
            call: !judged ? null : belief > 0 ? ("positive" as const) : ("negative" as const),
            confidence: judged && isRated(r, image, c) ? Math.min(100, Math.round(60 * Math.abs(belief))) : null,
            rating: judged ? rate(r, image, belief) : null,
            notEvaluable: judged ? null : "Mrs. Li moved",
            activeMs: 1500,
            display: r === 0 ? null : display,
            source: r === 0 ? ("imported" as const) : ("reader" as const),
            afterUnblinding: [],
            inWashOut: false,
            criteria: { [document.form.criteria[0]?.key ?? ""]: belief > 0 },
          },
        ];
      }),
    ),
  );
  const places = new Map(crops.map(({ cropId }, image) => [cropId, image]));
  const again = first.filter(({ reader, condition, cropId }) =>
    isRepeated(Number(reader.slice(1)) - 2, conditions.indexOf(condition), places.get(cropId) ?? 0),
  );
  const reads = [
    ...first,
    ...again.map((read, at) => ({
      ...read,
      id: `${read.id} again`,
      occasion: 2,
      call:
        at % 3 > 0 || read.call === null
          ? read.call
          : read.call === "positive"
            ? ("negative" as const)
            : ("positive" as const),
      activeMs: 500,
    })),
  ];
  const scores = withNetwork
    ? crops
        .map(({ cropId, truth }) => ({ image: cropId, score: 0.25 * truth + 0.75 * random(), threshold: 0.5 }))
        .filter((_, image) => isScored(image))
    : null;
  // Calls by rules, none of some.
  const underRules = new Map(
    reads.map(({ id, call }, i) => [
      id,
      [call === null || i % 7 === 0 ? asNumber(call) : i % 2 === 0 ? 1 : 0] as const,
    ]),
  );
  const rulesOf = (id: string) => [...(underRules.get(id) ?? [])];
  const { first: named = "", ...rest } = primary ?? {};
  const input: ComparisonInput = {
    images: crops.map(({ cropId, nodeId, subjectId, plane, truth }) => ({
      id: cropId,
      node: nodeId,
      subject: subjectId,
      plane,
      truth,
      groups: { plane, site: subjectId.endsWith("1") ? null : "Elsewhere" },
    })),
    reads: reads.map(({ id, reader, condition, occasion, cropId, call, confidence, rating }) => ({
      reader,
      condition,
      occasion,
      image: cropId,
      call: asNumber(call),
      confidence,
      rating,
      underRules: rulesOf(id),
    })),
    ruleSets: ["strict"],
    plan: { unit, ruleSet, families: [["condition", "network"]] },
    factors: [
      { key: "plane", levels: [...new Set(crops.map(({ plane }) => plane))] },
      { key: "site", levels: ["Elsewhere"] },
    ],
    timed: reads
      .filter(({ source, occasion }) => source === "reader" && occasion === 1)
      .sort((a, b) => a.submittedAt.getTime() - b.submittedAt.getTime() || (a.id < b.id ? -1 : 1))
      .map(({ id, reader, condition, cropId, call, activeMs }) => ({
        ...{ reader, condition, call: asNumber(call), underRules: rulesOf(id), seconds: activeMs / 1000 },
        truth: crops.find((crop) => crop.cropId === cropId)?.truth ?? 0,
      })),
    scores,
    threshold: 0.5,
    comparisons: ["condition", "network"],
    primary: primary && {
      ...rest,
      margin: primary.margin ?? null,
      ...{ second: primary.second, measure: primary.measure, readers: primary.readers },
      first: named === "network" ? null : named,
    },
    repeats: [],
    notEvaluable,
    seed: 7,
    about: {
      protocol: { key: document.key, version: document.version, sha256: "0".repeat(64) },
      unit: "image",
      conditions: document.conditions.map(({ key, shows }) => ({ key, label: key, shows })),
      images: crops.length,
      nodes: new Set(crops.map(({ nodeId }) => nodeId)).size,
      patients,
      positiveImages: crops.filter(({ truth }) => truth === 1).length,
      withoutTruth: { images: 0, reads: 0 },
      plan: { unit: null, families: null, ruleSet: null, exclusions: null },
      ...{ excluded: 0, ruleSets: [{ key: "strict", title: "Strict" }], factors: [] },
      run: null,
      readsFrom: {},
    },
  };
  return {
    study: { name: "Made up", slug: "made-up", synthetic: true },
    methods: "0",
    result: JSON.parse(JSON.stringify(compareStudy(input))),
    inputSha256: sha256(canonicalJson(input)),
    protocolSha256: "0".repeat(64),
    document,
    protocol,
    input,
    crops,
    nodes: [...new Set(crops.map(({ nodeId }) => nodeId))].map((id) => ({
      id,
      ordinal: Number(id.split(" ")[2]) + 1,
      region: null,
    })),
    reads,
    folds: crops.map(({ cropId }, i) => ({ cropId, fold: i % 5 })),
    baseline: [],
    signatures: [],
    trail: { lastEvent: 1, at: "2026-01-01T00:00:00.000Z" },
  };
}

const display: ReadDisplay = {
  zoom: 2,
  kernel: "browser",
  window: null,
  inverted: false,
  hidden: 1,
  screen: { width: 1440, height: 900 },
  pixelRatio: 125,
  pointer: null,
};

const asNumber = (call: "positive" | "negative" | null) => call && (call === "positive" ? 1 : 0);
