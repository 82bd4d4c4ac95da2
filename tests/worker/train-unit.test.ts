import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Regimen } from "@/core/protocol/regimen";
import { seededRandom } from "@/core/random";
import { controlLabels } from "@/core/splits/shuffle-labels";
import { auc } from "@/core/stats/roc/auc";
import type { Metric, TrainingEvents, TrainingItem } from "@/worker/training/records";
import { trainRun } from "@/worker/training/train-run";
import { trainUnit } from "@/worker/training/train-unit";

const store = mkdtempSync(join(tmpdir(), "nodewise-store-"));
beforeAll(() => {
  Object.assign(process.env, {
    NODEWISE_STORE: store,
    DATABASE_URL: "postgres://nobody@localhost/none",
    NODEWISE_ACTOR_SECRET: "s".repeat(64),
  });
});
afterAll(() => rmSync(store, { recursive: true, force: true }));

const regimen: Extract<Regimen, { trainable: "baseline" }> = {
  trainable: "baseline",
  baseline: "crop-size",
  folds: 2,
  splitUnit: "patient",
  threshold: 0.5,
  seed: 7,
  shuffledLabels: false,
  optimiser: { kind: "logistic", c: 1, epochs: 50 },
};

const random = seededRandom(2);
const items = Array.from({ length: 40 }, (_, i): TrainingItem => {
  const truth = i % 4 < 2 ? 1 : 0;
  const length = 20 + Math.round(40 * random()) + 20 * truth;
  return {
    id: `crop-${i}`,
    subject: `S${i}`,
    node: "N1",
    duplicateKey: String(i),
    truth,
    fold: i % 2,
    sha256: String(i),
    width: length,
    height: length + Math.round(10 * random()),
    shortAxisMm: null,
  };
});

const silent: TrainingEvents = {
  environment: async () => {},
  progress: async () => {},
  metrics: async () => {},
  checkpoint: async () => {},
  finished: async () => {},
  log: async () => {},
};

/** For each fold the AUC that was watched in its last epoch, and that of its scores by these labels. */
async function watchedAndBy(labelOf: (item: TrainingItem) => 0 | 1 | undefined, shuffledLabels: boolean) {
  const told: Metric[] = [];
  const events = { ...silent, metrics: async (metrics: Metric[]) => void told.push(...metrics) };
  const { scores } = await trainUnit({
    engine: null,
    regimen: { ...regimen, shuffledLabels },
    items,
    resume: null,
    events,
  });
  return [0, 1].map((fold) => {
    const own = items.filter((item) => item.fold === fold);
    const truth = own.map((item) => labelOf(item) ?? 0);
    const score = own.map(({ id }) => scores.find((each) => each.id === id)?.score ?? Number.NaN);
    return {
      watched: told.findLast((metric) => metric.fold === fold)?.validationAuc,
      direct: auc({ truth, score, direction: "higher" }).auc.estimate,
    };
  });
}

test("the curve of a control is by the exchanged labels that it is judged by, that of another run by the truth", async () => {
  const exchanged = controlLabels(items, regimen.seed);
  const control = await watchedAndBy(({ id }) => exchanged.get(id), true);
  for (const { watched, direct } of control) expect(watched).toBe(direct);
  for (const { watched, direct } of await watchedAndBy(({ truth }) => truth, true)) expect(watched).not.toBe(direct);
  for (const { watched, direct } of await watchedAndBy(({ truth }) => truth, false)) expect(watched).toBe(direct);
});

test("a snapshot of which one fold holds every positive image is refused, also one that was frozen before that was looked at", async () => {
  const order = { regimen, links: [], resume: null, kept: [], begunOn: null };
  const onePatient = items.map((item, i): TrainingItem => ({ ...item, truth: i === 6 ? 1 : 0 }));
  await expect(trainRun({ ...order, items: onePatient }, silent)).rejects.toThrow(
    /all positive images are of one patient \(S6\): the model that scores fold 1 would learn from negative images alone/,
  );
  await expect(trainRun({ ...order, items }, silent), "the positive control").resolves.toMatchObject({
    scores: { length: items.length },
  });
});
