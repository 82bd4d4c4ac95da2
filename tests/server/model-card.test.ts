import { describe, expect, test } from "vitest";
import type { Regimen } from "@/core/protocol/regimen";
import { trainCommand } from "@/scripts/cli/commands/train";
import { trainInput } from "@/server/schemas/model";
import { commandFor } from "@/server/services/model/command-for";
import { modelCard } from "@/server/services/model/model-card";
import { regimenFor } from "@/server/services/model/regimen-for";
import { takeModelCard } from "@/server/services/model/take-model-card";
import { fineTuning, modelSha256, ofSizes, other, studyForRuns } from "@/tests/support/model-runs";

const { admin, study, scientist, act, judged, snapshot, makeRun } = await studyForRuns();

describe("a model card", () => {
  test("says from the records what the model is, what it was compared with and what must not be done with it", async () => {
    const snapshotId = await snapshot();
    const runId = await makeRun({
      snapshotId,
      records: [-1, 0, 1, 2].map((fold) => ({ fold, threshold: 0.4, tuningAuc: 0.75, model: true })),
    });
    const shuffled = await makeRun({
      snapshotId,
      companionOf: runId,
      config: { ...fineTuning, shuffledLabels: true },
      score: other,
    });
    const baseline = await makeRun({ snapshotId, companionOf: runId, config: ofSizes, state: "queued" });
    const card = async () => {
      const { card } = await judged((tx) => modelCard(tx, scientist, { runId, locale: "en" }));
      return card ?? { name: "", markdown: "" };
    };
    const { name, markdown } = await card();
    expect(name).toBe(`${study.slug}-run-${runId.slice(0, 8)}-card.md`);
    const taken = () => admin`select 1 from audit_event where action = 'run.file_taken' and entity_id = ${runId}`;
    expect(await taken(), "looking at it takes no file").toHaveLength(0);
    expect(await takeModelCard(scientist, { runId, locale: "en" })).toEqual({ name, markdown });
    expect(await taken()).toHaveLength(1);
    const headings = [...markdown.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(headings).toEqual([
      "Model details",
      "Intended use",
      "Factors",
      "Metrics",
      "Evaluation data",
      "Training data",
      "Quantitative analyses",
      "Ethical considerations",
      "Caveats and recommendations",
      "How to repeat",
    ]);
    for (const part of [
      "Not for clinical use",
      "26 of 94 convolutions",
      "convolutions 1 to 3 of 94",
      "This is not ImageNet",
      "micro-batches of 16",
      "nothing leaks by the split",
      "prevalence 50.0 %",
      `| all (final model) | \`${modelSha256}\` |`,
      "| 1 | 2 | 2 | 0.400 | 0.750 | - | 12 | 3 |",
      `labels exchanged (should lie near 0.5) | \`${shuffled}\``,
      "judged by exchanged labels, so there is no paired difference",
      `short axis alone | \`${baseline}\` | - | - | - | - | - | - | not done: queued |`,
      "never been judged on images it has not seen",
      "--trainable network --folds 3",
      "Obuchowski",
    ])
      expect(markdown).toContain(part);
    expect(markdown).not.toContain("undefined");
    expect((await card()).markdown).toBe(markdown);
    const chosenAmong = /1 other finished run of this study was judged on its images/;
    expect(markdown).not.toMatch(chosenAmong);
    await makeRun({ snapshotId });
    expect((await card()).markdown).toMatch(chosenAmong);
    await expect(act((tx) => modelCard(tx, scientist, { runId: baseline, locale: "en" }))).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("names the card on which a run was made, and what drove it", async () => {
    const environment = {
      engine: "cuda",
      version: "4.22.0 (libtensorflow 2.19.0)",
      device: "NVIDIA H200",
      card: { computeCapability: "9.0", driver: "580.159.04", cuda: "12.5", cudnn: "9.3.0" },
      threads: 1,
      slowerThan: null,
      weights: "nsfwjs-4.4.0",
      weightsSha256: null,
      node: "20.20.2",
    };
    const snapshotId = await snapshot();
    const [onCard, onProcessor] = [
      await makeRun({ snapshotId, environment }),
      await makeRun({ snapshotId, environment: { ...environment, engine: "native", device: "AMD EPYC", card: null } }),
    ];
    const markdown = async (runId: string, locale: "en" | "zh") =>
      (await judged((tx) => modelCard(tx, scientist, { runId, locale }))).card?.markdown;
    expect(await markdown(onCard, "en")).toContain(
      "**Card**: NVIDIA H200, compute capability 9.0, driver 580.159.04, CUDA 12.5, cuDNN 9.3.0; TF32 off, deterministic kernels",
    );
    expect(await markdown(onCard, "zh")).toContain(
      "NVIDIA H200，计算能力 9.0，驱动 580.159.04，CUDA 12.5，cuDNN 9.3.0",
    );
    expect(await markdown(onProcessor, "en")).not.toContain("**Card**");
  });

  test("gives a command that asks for the very regimen", () => {
    const config: Regimen = {
      ...fineTuning,
      sizeBlind: true,
      flipVertical: false,
      splitUnit: "node",
      rotationDegrees: 12.5,
    };
    const command = trainCommand();
    const [, , , , , ...options] = commandFor(config, "some-study")?.split(" ") ?? [];
    expect(command.parseOptions(options).unknown).toEqual([]);
    const { study: name, ...asked } = command.opts();
    expect(name).toBe("some-study");
    expect(regimenFor(fineTuning, trainInput.parse(asked))).toEqual(config);
  });
});
