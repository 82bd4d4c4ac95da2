import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import sharp from "sharp";
import { afterAll, expect, test } from "vitest";
import { bytesOf, packed, textOf, unpacked } from "@/core/text/archive";
import { startServices } from "@/scripts/services";
import { commandLine } from "@/tests/support/command-line";
import { slice } from "@/tests/support/dicom";

const folder = mkdtempSync(join(tmpdir(), "nodewise-cli-test-"));
chmodSync(folder, 0o755);
mkdirSync(join(folder, "images"));
/** A store of its own beside the built-in Postgres. */
const objects = join(folder, "objects");
let services: Awaited<ReturnType<typeof startServices>> | null = null;
afterAll(async () => {
  await services?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const nodewise = commandLine({ data: join(folder, "data"), store: objects });
/** The same where nothing was ever installed. */
const inEmptyInstallation = commandLine({ data: join(folder, "nowhere"), store: objects });

const create = ["study", "create", "--protocol", "protocols/image-set.yaml", "--name", "Small set"];

test("a study goes from its protocol through import and lock to the files of the analysis", {
  timeout: 400_000,
}, async () => {
  const created = await nodewise(...create, "--json");
  expect(created).toMatchObject({ code: 0, stderr: expect.stringContaining('Study "Small set" is there') });
  expect(JSON.parse(created.stdout)).toMatchObject({ study: "small-set", name: "Small set" });

  const again = await nodewise(...create);
  expect(again).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("already") });
  expect(again.stderr).not.toMatch(/\n\s+at /);

  // These two commands started the database themselves and stopped it. The others find one that is kept, as beside `npm start`.
  Object.assign(process.env, { NODEWISE_DATA: join(folder, "data"), NODEWISE_STORE: objects });
  services = await startServices();
  const listed = await nodewise("study", "list");
  expect(listed).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("Small set") });

  const rows = await Promise.all(
    Array.from({ length: 4 }, async (_, index) => {
      const pixels = Uint8Array.from({ length: 100 }, (_, at) => (at * (index + 3) * 7) % 256);
      await sharp(pixels, { raw: { width: 10, height: 10, channels: 1 } })
        .png()
        .toFile(join(folder, "images", `${index}.png`));
      return `s${index},1,image,images/${index}.png,${index % 2}`;
    }),
  );
  const manifest = join(folder, "manifest.csv");
  writeFileSync(manifest, ["subject,node,plane,file,truth", ...rows, "s9,1,image,images/nowhere.png,1"].join("\n"));
  const refused = await nodewise("import", "crops", manifest, "--study", "Small set", "--json");
  expect(refused).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('row 6: missing file "images/nowhere.png"'),
  });
  expect(JSON.parse(refused.stdout)).toMatchObject({
    error: { code: "invalid", problems: [expect.stringMatching(/^row 6: /)] },
  });

  writeFileSync(manifest, ["subject,node,plane,file,truth", ...rows].join("\n"));
  const imported = await nodewise("import", "crops", manifest, "--study", "Small set", "--json");
  expect(imported.code).toBe(0);
  expect(JSON.parse(imported.stdout)).toMatchObject({ rows: 4, added: { crops: 4, truths: 4 } });
  expect(existsSync(objects), "NODEWISE_STORE is obeyed").toBe(true);
  expect(existsSync(join(folder, "data", "store"))).toBe(false);

  const reads = join(folder, "reads.csv");
  writeFileSync(
    reads,
    ["reader,condition,subject,node,plane,call", ...[0, 1, 2, 3].map((i) => `R2,images,s${i},1,image,${i % 2}`)].join(
      "\n",
    ),
  );
  const read = await nodewise("import", "reads", reads, "--study", "small-set", "--json");
  expect(JSON.parse(read.stdout)).toMatchObject({ added: 4 });

  // No image of this study is of an exam: what became of each file of a scanner says so, on the screen, as JSON and as CSV.
  const scans = join(folder, "scans");
  mkdirSync(join(scans, "series"), { recursive: true });
  writeFileSync(join(scans, "series", "1.dcm"), slice({ PatientID: "S0" }));
  writeFileSync(join(scans, "letter, to Sun.txt"), "Dear colleague");
  const scanned = join(folder, "scans.csv");
  const dicom = await nodewise("import", "dicom", scans, "--study", "Small set", "--out", scanned, "--json");
  expect(dicom).toMatchObject({ code: 0, stderr: expect.stringContaining("2 files: 0 accepted, 0 held") });
  expect(dicom.stderr).toContain("1 refused, first series/1.dcm: Subject s0 has no exam of 2026-01-06.");
  expect(JSON.parse(dicom.stdout)).toMatchObject({
    ...{ accepted: 0, held: 0, known: 0, refused: 2 },
    files: [{ file: "letter, to Sun.txt" }, { file: "series/1.dcm", outcome: "refused" }],
  });
  expect(readFileSync(scanned, "utf8")).toMatch(
    /^\uFEFFfile,subject,exam,outcome,reason\n"letter, to Sun\.txt",,,refused,"This is no DICOM file.+"\nseries\/1\.dcm,,,refused,"Subject s0 has no exam .+"\n$/,
  );
  expect(await nodewise("import", "dicom", join(folder, "nowhere"), "--study", "Small set")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("ENOENT"),
  });
  expect(await nodewise("import", "dicom", scans, "--study", "Small set", "--exam", "6 January")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Write a day as 2026-01-06."),
  });

  expect(await nodewise("train", "--study", "Small set")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("not locked"),
  });
  const locked = await nodewise("lock", "--study", "Small set", "--json");
  expect(JSON.parse(locked.stdout)).toMatchObject({ counts: { crops: 4 }, missing: [] });
  expect(await nodewise("score", "--study", "Small set")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Train first"),
  });

  const out = join(folder, "analysis");
  expect(await nodewise("analyse", "--study", "Small set", "--out", out)).toMatchObject({ code: 0, stdout: "" });
  const comparison = JSON.parse(readFileSync(join(out, "comparison.json"), "utf8"));
  expect(comparison.rows[0]).toMatchObject({
    reader: "R2",
    n: 4,
    tp: 2,
    tn: 2,
    fp: 0,
    fn: 0,
    accuracy: { estimate: 1 },
  });
  expect(readFileSync(join(out, "comparison.csv"), "utf8")).toMatch(/^\uFEFFreader,condition,/);

  const scores = join(folder, "scores.csv");
  writeFileSync(
    scores,
    `\uFEFF${["subject,node,plane,score", ...[0, 1, 2, 3].map((i) => `s${i},1,image,0.${i % 2 ? 8 : 3}${i}`)].join("\r\n")}`,
  );
  const brought = await nodewise(
    ...["import", "scores", scores, "--study", "Small set", "--json"],
    ...["--provenance", "A network of somebody else, trained on other images"],
  );
  expect(brought).toMatchObject({ code: 0, stderr: expect.stringContaining("analyse --run") });
  const { run } = JSON.parse(brought.stdout);
  expect(await nodewise("score", "--study", "Small set")).toMatchObject({ code: 1 });
  const scoresOut = join(folder, "scores-out.csv");
  const scored = await nodewise("score", "--study", "Small set", "--run", run, "--json", "--out", scoresOut);
  expect(scored.stderr).toContain("The network: trained elsewhere");
  expect(JSON.parse(scored.stdout)).toMatchObject({
    splitUnit: null,
    cautions: [expect.stringMatching(/^trained else/)],
  });
  expect(JSON.parse(scored.stdout).scores).toMatchObject([
    { subject: "s0", fold: null, score: 0.3, truth: 0 },
    { subject: "s1", fold: null, score: 0.81, truth: 1 },
    { subject: "s2", score: 0.32 },
    { subject: "s3", score: 0.83 },
  ]);
  expect(await nodewise("analyse", "--study", "Small set", "--run", run, "--out", out)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("trained elsewhere"),
  });
  for (const file of [scoresOut, join(out, "scores.csv"), join(out, "operating-points.csv")])
    expect(readFileSync(file, "utf8")).toMatch(/^\uFEFF\S+,caution\n(.+,trained elsewhere: .+\n)+$/);

  const archive = join(folder, "bundle.zip");
  const bundled = await nodewise("bundle", "--study", "Small set", "--run", run, "--out", archive, "--json");
  expect(bundled).toMatchObject({ code: 0, stderr: expect.stringContaining("small-set-bundle.zip") });
  expect(JSON.parse(bundled.stdout).sha256).toBe(createHash("sha256").update(readFileSync(archive)).digest("hex"));
  const recomputed = join(folder, "recomputed.json");
  expect(await inEmptyInstallation("reproduce", archive, "--out", recomputed)).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("byte for byte"),
  });
  const whole = unpacked(readFileSync(archive), { limit: 1e8 });
  expect(readFileSync(recomputed, "utf8")).toBe(textOf(whole.get("results.json") ?? new Uint8Array()));
  expect(existsSync(join(folder, "nowhere")), "it starts no database").toBe(false);
  const swapped = textOf(whole.get("reads.csv") ?? new Uint8Array()).replace(",0,0,", ",0,1,");
  writeFileSync(archive, packed(new Map([...whole]).set("reads.csv", bytesOf(swapped))));
  expect(await inEmptyInstallation("reproduce", archive)).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/file reads\.csv: .*rows\.0\.fp: 0 in the bundle, 1 recomputed.*do not follow/s),
  });
  const others = join(folder, "for-others");
  const images = ["export-images", "--study", "Small set", "--out", others];
  const handedOut = await nodewise(...images, "--json");
  expect(handedOut).toMatchObject({ code: 0, stderr: expect.stringContaining("4 crops of 4 patients") });
  expect(JSON.parse(handedOut.stdout)).toMatchObject({ synthetic: false, images: 0, crops: 4, folder: others });
  expect(readFileSync(join(others, "participants.tsv"), "utf8")).toMatch(
    /^participant_id\tstudy_number\nsub-001\ts0\n/,
  );
  expect(await nodewise(...images)).toMatchObject({ code: 1, stderr: expect.stringContaining("no empty folder") });
  const back = await nodewise(
    ...["import", "scores", scoresOut, "--study", "Small set", "--json"],
    ...["--provenance", "The scores that were written before"],
  );
  expect(back).toMatchObject({ code: 0 });
  expect(JSON.parse(back.stdout).run).not.toBe(run);
  writeFileSync(scoresOut, readFileSync(scoresOut, "utf8").replace(/,1,trained/, ",0,trained"));
  expect(
    await nodewise("import", "scores", scoresOut, "--study", "Small set", "--provenance", "Of another truth"),
  ).toMatchObject({ code: 1, stderr: expect.stringMatching(/row 3: .*truth 0, and 1 is on record/) });
  const card = join(folder, "card.md");
  expect(await nodewise("card", "--study", "Small set", "--run", run, "--out", card)).toMatchObject({ code: 0 });
  expect(readFileSync(card, "utf8")).toContain(createHash("sha256").update(readFileSync(scores)).digest("hex"));
  expect(
    await nodewise("export", "--study", "Small set", "--run", run, "--format", "onnx", "--out", join(folder, "x.onnx")),
  ).toMatchObject({ code: 1, stderr: expect.stringContaining("only its scores are here") });
  expect(await nodewise("train", "--study", "Small set", "--tuning-fraction", "0.7")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("--tuning-fraction: "),
  });
  expect(
    await nodewise("train", "--study", "Small set", "--trainable", "head", "--frozen", "3", "--patience", "2"),
  ).toMatchObject({ code: 1, stderr: expect.stringMatching(/frozen: .*patience: /) });
  expect(await nodewise("sweep", "--study", "Small set", "--depths", "3,3")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("names a depth twice"),
  });
});

test("every command of a study is in the trail with the user of the operating system, a refused one included", async () => {
  const owner = postgres(services?.ownerUrl ?? "", { max: 1, onnotice: () => {} });
  const rows = await owner.begin(async (run) => {
    await run`set local role nw_kernel`;
    return run`
      select e.action, e.entity_id as about, p.name as by from audit_event e join study s on s.id = e.study_id left join person p on p.id = e.person_id
       where s.slug = 'small-set' and e.role = 'nw_importer' order by e.id`;
  });
  await owner.end();
  expect(new Set(rows.map(({ by }) => by))).toEqual(new Set([`Command line (${userInfo().username})`]));
  const commands = rows.filter(({ action }) => action === "command.run").map(({ about }) => about);
  const ran = [
    "study create",
    "import crops",
    "import reads",
    "import dicom",
    "lock",
    "train",
    "sweep",
    "import scores",
    "score",
    "analyse",
    "card",
    "bundle",
    "export-images",
  ];
  expect([...new Set(commands)].sort()).toEqual([...ran, "export"].sort());
  // Of two `analyse` and the one `score` that had something to take.
  const taken = (deed: string) => rows.filter(({ action }) => action === deed).length;
  expect([taken("analysis.exported"), taken("scores.exported"), taken("run.file_taken")]).toEqual([2, 2, 1]);
});

test("the first administrator of accounts is made by a command, and so is a link to a new password", {
  timeout: 120_000,
}, async () => {
  const add = (email: string, ...more: string[]) => nodewise("user", "add", email, "--name", "The Boss", ...more);
  const added = await add("Boss@example.org", "--administrator", "--json");
  expect(added).toMatchObject({ code: 0, stderr: expect.stringContaining("changed at the first sign-in") });
  expect(JSON.parse(added.stdout)).toMatchObject({ administrator: true, mayCreateStudies: false });
  expect(added.stderr).toContain(JSON.parse(added.stdout).password);
  expect(await add("boss@example.org")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("an account already"),
  });
  expect(await add("boss")).toMatchObject({ code: 1, stderr: expect.stringContaining("e-mail address") });
  const reset = await nodewise("user", "reset", "boss@example.org", "--json");
  expect(JSON.parse(reset.stdout)).toMatchObject({ hours: 24, link: expect.stringContaining("/password#") });
  expect(await nodewise("user", "reset", "nobody@example.org")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no account "nobody@example.org"'),
  });
});

test("the operator of the server confirms a role, and what the operator gave needs no confirmation", {
  timeout: 120_000,
}, async () => {
  const founded = ["study", "create", "--protocol", "protocols/image-set.yaml", "--name", "Founded"];
  expect(await nodewise(...founded, "--investigator", "boss@example.org")).toMatchObject({ code: 0 });
  const confirm = (role: string) =>
    nodewise("member", "confirm", "--study", "Founded", "--email", "boss@example.org", "--role", role);
  expect(await confirm("principal_investigator")).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('principal_investigator of "Founded"'),
  });
  expect(await confirm("pathologist")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("does not hold the role pathologist"),
  });
  expect(await confirm("king")).toMatchObject({ code: 1, stderr: expect.stringContaining("--role: Choose one of") });
});

test("an unknown study, option, command or file is one clear message with exit code 1", {
  timeout: 120_000,
}, async () => {
  expect(await nodewise("lock", "--study", "No such study")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/There is no study "No such study"/),
  });
  expect(await nodewise("lock")).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("--study") });
  expect(await nodewise("fly")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("unknown command"),
  });
  for (const words of [
    ["fly\u001b[2J\nforged"],
    ["lock", "--study", "X", "--\u001b[2J"],
    ["train", "--folds", "\u001b[2J"],
  ]) {
    const { code, stderr } = await nodewise(...words);
    expect([code, stderr.trimEnd()], words.join(" ")).toEqual([1, expect.stringMatching(/^\P{Cc}*<U\+001B>\P{Cc}*$/u)]);
  }
  expect(await nodewise("study", "create", "--protocol", "nowhere.yaml", "--name", "Y")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("nowhere.yaml cannot be read"),
  });
  expect(await nodewise("train", "--study", "X", "--folds", "five")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("whole number"),
  });
});
