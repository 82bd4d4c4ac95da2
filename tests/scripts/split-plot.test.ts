import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { seededRandom } from "@/core/random";
import { studentQuantile } from "@/core/stats/distributions";
import { drawRoeMetz } from "@/scripts/coverage/roe-metz";
import { startServices } from "@/scripts/services";
import { commandLine } from "@/tests/support/command-line";
import { compareByPairs, type TwoReads } from "@/tests/support/imrmc";

const folder = mkdtempSync(join(tmpdir(), "nodewise-split-plot-test-"));
chmodSync(folder, 0o755);
mkdirSync(join(folder, "data"));
const data = join(folder, "data");
const nodewise = commandLine({ data, store: join(folder, "objects") });
Object.assign(process.env, { NODEWISE_DATA: data });
const services = await startServices();
afterAll(async () => {
  await services.stop();
  rmSync(folder, { recursive: true, force: true });
});

const batches = 4;
const codes = ["Dr. Müller", "12", "r-07", ...Array.from({ length: 17 }, (_, i) => `R${i + 1}`)];
/** Enriched screening: of each batch 5 women with cancer and 8 without. */
const [positives, negatives] = [5, 8];
const modalities = ["FFDM", "SFM"] as const;

/**
 * Readers in batches, each batch with women of its own, whom its readers read in both modalities; ratings from -100 to 100 in steps of ten, so that there are
 * ties, and none is 0.
 */
function drawStudy(seed: number): (TwoReads & { subject: string })[] {
  const { truth, scores } = drawRoeMetz(
    { structure: "LH", area: 0.855, readers: codes.length, cases: batches * negatives },
    seededRandom(seed),
  );
  const rating = (score: number) => {
    const tens = Math.max(-10, Math.min(10, Math.round(4 * (score - 0.75))));
    return 10 * (tens === 0 ? 1 : tens);
  };
  return codes.flatMap((reader, r) =>
    Array.from(truth).flatMap((is, image) => {
      const within = Math.floor((image % (batches * negatives)) / batches);
      if (image % batches !== r % batches || (is === 1 && within >= positives)) return [];
      const [first = 0, second = 0] = scores.map((test) => rating(test[r]?.[image] ?? 0));
      const subject = `W${String(image + 1).padStart(3, "0")}`;
      return [{ reader, image: subject, subject, truth: is === 1 ? 1 : 0, scores: [first, second] }];
    }),
  );
}

test("the independent computation gives what iMRMC 2.1.2 gave of Van Dyke's data", { timeout: 120_000 }, () => {
  const read = (path: string) => JSON.parse(readFileSync(new URL(`../oracles/${path}`, import.meta.url), "utf8"));
  const { truth, scores } = read("datasets/s16_vandyke.json");
  const { u_statistics: expected } = read("mrmc_ustat.json").cases[0].expected;
  const found = compareByPairs(
    ["1", "2", "3", "4", "5"].flatMap((reader) =>
      truth.map((is: 0 | 1, i: number) => ({
        reader,
        image: String(i),
        truth: is,
        scores: [scores[`t1_r${reader}`][i], scores[`t2_r${reader}`][i]] as const,
      })),
    ),
  );
  const { difference, var_difference: variance, df_bdg: df, p_bdg: p } = expected[2];
  expect(found.difference).toBeCloseTo(difference, 12);
  expect(found.variance).toBeCloseTo(variance, 12);
  expect(found.df).toBeCloseTo(df, 6);
  expect(found.p).toBeCloseTo(p, 9);
});

test("a split-plot study of two modalities that was published without its images gives iMRMC's difference, variance, degrees of freedom and P", {
  timeout: 400_000,
}, async () => {
  const study = drawStudy(5);
  const protocol = join(folder, "viper-like.yaml");
  writeFileSync(
    protocol,
    readFileSync(new URL("../../protocols/image-set.yaml", import.meta.url), "utf8")
      .replace(
        /conditions:\n.*\n/,
        `conditions:\n${modalities.map((each) => `  - { key: ${each.toLowerCase()}, label: ${each} alone, modality: ${each}, shows: [], washOutDays: 0 }\n`).join("")}`,
      )
      .replace(/readers: .*/, `readers: [${codes.map((code) => `"${code}"`).join(", ")}]`)
      .replace(
        /analysis:\n[\s\S]*/,
        "analysis:\n  comparisons: [condition]\n  primary: { first: ffdm, second: sfm, measure: auc, readers: random, margin: 0.05 }\n",
      ),
  );
  const manifest = join(folder, "women.csv");
  const women = new Map(study.map(({ subject, truth }) => [subject, truth]));
  writeFileSync(
    manifest,
    ["subject,node,plane,truth", ...[...women].map(([subject, truth]) => `${subject},breast,image,${truth}`)].join(
      "\n",
    ),
  );
  const reads = join(folder, "reads.csv");
  const lines = study.flatMap(({ reader, subject, scores }) =>
    modalities.map((modality, at) => {
      const rating = scores[at] ?? 0;
      return `${reader},${modality},${subject},breast,image,${rating > 0 ? 1 : 0},${Math.abs(rating)}`;
    }),
  );
  writeFileSync(reads, ["reader,modality,subject,node,plane,call,confidence", ...lines.toReversed()].join("\n"));

  const named = ["--study", "VIPER-like"];
  const done = { code: 0 };
  expect(await nodewise("study", "create", "--protocol", protocol, "--name", "VIPER-like")).toMatchObject(done);
  expect(await nodewise("import", "crops", manifest, ...named)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("the column file is missing"),
  });
  expect(await nodewise("import", "crops", manifest, ...named, "--without-pictures")).toMatchObject(done);
  const imported = await nodewise("import", "reads", reads, ...named, "--json");
  expect(JSON.parse(imported.stdout)).toMatchObject({ rows: lines.length, added: lines.length, warnings: [] });
  const again = await nodewise("import", "reads", reads, ...named, "--json");
  expect(JSON.parse(again.stdout)).toMatchObject({ added: 0, unchanged: lines.length });
  expect(await nodewise("lock", ...named)).toMatchObject(done);
  expect(await nodewise("train", ...named)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("have no picture"),
  });
  const out = join(folder, "out");
  expect(await nodewise("analyse", ...named, "--out", out)).toMatchObject(done);

  const { primary, averages, rows, about } = JSON.parse(readFileSync(join(out, "comparison.json"), "utf8"));
  expect(about).toMatchObject({
    images: women.size,
    patients: women.size,
    conditions: [{ key: "ffdm" }, { key: "sfm" }],
  });
  expect(rows.slice(0, 4).map((row: { reader: string; condition: string }) => [row.reader, row.condition])).toEqual([
    ["12", "ffdm"],
    ["12", "sfm"],
    ["Dr. Müller", "ffdm"],
    ["Dr. Müller", "sfm"],
  ]);
  expect(rows.map((row: { reader: string }) => row.reader).slice(-4)).toEqual(["R17", "R17", "r-07", "r-07"]);
  expect(primary).toMatchObject({ first: "ffdm", second: "sfm", reads: lines.length, possible: expect.any(Number) });

  const expected = compareByPairs(study);
  const { estimate, lower, upper } = primary.difference;
  const halfWidth = (upper - lower) / 2;
  expect(estimate).toBeCloseTo(expected.difference, 9);
  expect(primary.df).toBeCloseTo(expected.df, 6);
  expect(halfWidth ** 2 / studentQuantile(0.975, Math.floor(expected.df)) ** 2).toBeCloseTo(expected.variance, 9);
  expect(primary.p).toBeCloseTo(expected.p, 6);

  const { fixed, unbiased } = averages.find(({ measure }: { measure: string }) => measure === "auc");
  expect(unbiased.variance).toBeCloseTo(expected.variance, 9);
  expect(unbiased.df).toBeCloseTo(expected.df, 6);
  expect(unbiased.p).toBeCloseTo(expected.p, 6);
  expect(fixed.difference.upper - fixed.difference.lower, "the random readers' own variance is in force").toBeLessThan(
    2 * halfWidth,
  );
});
