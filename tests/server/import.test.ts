import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asc, eq, sql } from "drizzle-orm";
import postgres from "postgres";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeEach, expect, test } from "vitest";
import { drawNode } from "@/core/phantom/node";
import { inLanguage } from "@/core/protocol/text";
import { sayIn } from "@/core/words";
import { crop } from "@/db/schema";
import { personActor, type StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { findContradictions } from "@/server/services/imaging/find-contradictions";
import { readImage } from "@/server/services/imaging/read-image";
import { importCrops } from "@/server/services/import/import-crops";
import { importReads } from "@/server/services/import/import-reads";
import { parseManifest } from "@/server/services/import/parse-manifest";
import { lockStudy } from "@/server/services/lock/lock-study";
import { commandLinePerson } from "@/server/services/study/command-line-person";
import { createStudy } from "@/server/services/study/create-study";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";

const { withActor, store, admin: adminUrl } = await freshDatabase();
const folder = mkdtempSync(join(tmpdir(), "nodewise-import-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A picture of noise: every seed has other pixels. */
async function picture(
  name: string,
  {
    seed = 1,
    width = 20,
    height = 30,
    channels = 1,
  }: { seed?: number; width?: number; height?: number; channels?: 1 | 3 } = {},
): Promise<Buffer> {
  let state = seed * 2654435761;
  const pixels = Uint8Array.from({ length: width * height * channels }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
  const bytes = await sharp(pixels, { raw: { width, height, channels } }).png().toBuffer();
  writeFileSync(join(folder, name), bytes);
  return bytes;
}

await picture("a.png", { seed: 1 });
const whole = await picture("b.png", { seed: 2 });
await picture("a-copy.png", { seed: 1 });
await picture("large.png", { seed: 3, width: 400, height: 200 });
writeFileSync(join(folder, "cut.png"), whole.subarray(0, whole.length - 120));
writeFileSync(join(folder, "text.png"), "this is not an image");

const header = "subject,node,plane,file,truth,sa_mm,region,sex,age,t_stage";
const manifest = (...rows: string[]) => Buffer.from([header, ...rows].join("\n"));

let actor: StudyActor;
let studies = 0;
beforeEach(async () => {
  const personId = await commandLinePerson();
  const { source } = await shippedProtocol("demonstration");
  studies += 1;
  const name = `Study ${studies}`;
  await withActor(personActor(personId), (tx) => createStudy(tx, { personId, name, site: "Here", source }));
  ({ actor } = await studyAsCommandLine(name));
});

const crops = (bytes: Buffer) => importCrops(actor, { manifest: bytes, folder });

/** How many rows every table that an import writes to has for this study. */
async function rows(): Promise<Record<string, number>> {
  const tables = [
    "subject",
    "baseline_value",
    "node",
    "node_size",
    "crop",
    "stored_object",
    "specimen",
    "node_match",
    "pathology_report",
    "read",
  ];
  return withActor(actor, async (tx) => {
    const counted: Record<string, number> = {};
    for (const table of tables) {
      const [row] = await tx.execute<{ n: number }>(
        sql`select count(*)::int as n from ${sql.identifier(table)} where study_id = ${actor.studyId}`,
      );
      counted[table] = row?.n ?? -1;
    }
    return counted;
  });
}

async function problemsOf(work: Promise<unknown>): Promise<readonly string[]> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AppError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error.problems;
}

const good = "s1,n1,axial,a.png,1,6.2,mesorectal,male,61,T3";

test("images too large to wait in memory together until all rows are good wait on the disk", {
  timeout: 60_000,
}, async () => {
  for (const [seed, name] of ["large-1.png", "large-2.png"].entries())
    await picture(name, { seed, width: 2048, height: 2048, channels: 3 });
  const { added } = await crops(manifest(good, "s2,n1,axial,large-1.png,,,,F,,", "s3,n1,axial,large-2.png,,,,F,,"));
  expect(added).toMatchObject({ crops: 3 });
  const stored = await withActor(actor, (tx) =>
    tx
      .select({ sha256: sql<string>`${crop.sha256}` })
      .from(crop)
      .where(eq(crop.studyId, actor.studyId))
      .orderBy(asc(crop.width)),
  );
  const [small = 0, ...large] = await Promise.all(stored.map(async ({ sha256 }) => (await readImage(sha256)).length));
  expect(small).toBeLessThan(10_000);
  expect(Math.max(...large), "one of them does").toBeLessThan(16 * 1024 ** 2);
  expect(large.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(16 * 1024 ** 2);
});

test("a good manifest becomes enrolled subjects with baseline, nodes, sizes, crops and pathology", async () => {
  const result = await crops(manifest(good, "s1,n1,coronal,b.png,1,,,,,", "s2,n1,axial,large.png,,,,F,,"));
  expect(result.added).toEqual({ subjects: 2, nodes: 2, crops: 3, sizes: 1, truths: 1 });
  expect(await rows()).toMatchObject({
    subject: 2,
    node: 2,
    crop: 3,
    stored_object: 6,
    pathology_report: 1,
  });
  const found = await withActor(actor, (tx) =>
    tx.execute(sql`select s.number, s.status, n.label, z.short_axis_mm::float as mm, p.result, (select jsonb_object_agg(item_key, value) from nw.current_baseline b where b.subject_id = s.id) as items from subject s
      join node n on n.subject_id = s.id left join node_size z on z.node_id = n.id left join pathology_report p on p.node_id = n.id order by s.number`),
  );
  expect([...found]).toEqual([
    {
      number: "s1",
      status: "enrolled",
      label: "n1",
      mm: 6.2,
      result: "positive",
      items: { sex: "male", age_years: 61, t_stage: "T3" },
    },
    {
      number: "s2",
      status: "enrolled",
      label: "n1",
      mm: null,
      result: null,
      items: { sex: "female" },
    },
  ]);
});

test("the same manifest again adds nothing, and rows that came later add only themselves", async () => {
  await crops(manifest(good));
  const before = await rows();
  expect(await crops(manifest(good))).toMatchObject({
    unchanged: 1,
    added: { subjects: 0, nodes: 0, crops: 0, sizes: 0, truths: 0 },
  });
  expect(await rows()).toEqual(before);
  expect(await crops(manifest(good, "s1,n1,coronal,b.png,1,,,,,"))).toMatchObject({
    unchanged: 1,
    added: { subjects: 0, nodes: 0, crops: 1, truths: 0 },
  });
});

test.each([
  ["a missing file", "s2,n1,axial,nowhere.png,,,,,,", /missing file "nowhere\.png"/],
  ["a file that is not an image", "s2,n1,axial,text.png,,,,,,", /"text\.png" is not an image/],
  ["a truncated image", "s2,n1,axial,cut.png,,,,,,", /"cut\.png" is damaged or cut off/],
  ["an unknown plane", "s2,n1,oblique,b.png,,,,,,", /unknown plane "oblique".*axial, sagittal, coronal/],
  [
    "a truth that contradicts another row of the node",
    "s1,n1,coronal,b.png,0,,,,,",
    /contradicting truth: 0 here, 1 in row 2/,
  ],
  [
    "a size that contradicts another row of the node",
    "s1,n1,coronal,b.png,,7,,,,",
    /contradicting sa_mm: 7 mm here, 6\.2 mm in row 2/,
  ],
  ["a sex that contradicts another row of the subject", "s1,n2,coronal,b.png,,,,female,,", /contradicting sex/],
  ["another image for the same node and plane", "s1,n1,axial,b.png,,,,,,", /another image/],
  ["a truth that is neither 0 nor 1", "s2,n1,axial,b.png,yes,,,,,", /truth "yes" is neither 0/],
  ["a size that is not a number", 's2,n1,axial,b.png,,"6,2",,,,', /sa_mm "6,2" is not a number/],
  ["a size beyond the range", "s2,n1,axial,b.png,,500,,,,", /sa_mm 500 lies outside/],
  ["an unknown region", "s2,n1,axial,b.png,,,knee,,,", /unknown region "knee"/],
  ["an unknown T stage", "s2,n1,axial,b.png,,,,,,T9", /t_stage "T9" is not known; choose one of T1/],
  ["a row with too few cells", "s2,n1,axial", /has 3 cells/],
  ["an empty subject", ",n1,axial,b.png,,,,,,", /subject is empty/],
])("%s is refused with its row number, and nothing is written", async (_, bad, reason) => {
  const problems = await problemsOf(crops(manifest(good, bad)));
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^row 3: /);
  expect(problems[0]).toMatch(reason);
  expect(Object.values(await rows())).toEqual(Object.values(await rows()).map(() => 0));
});

test("items of the protocol are columns by their key; age is another name of age_years, and only one of them may be there", async () => {
  const columns = "subject,node,plane,file,surgery_date,age_years,t_stage";
  const one = Buffer.from(`${columns}\ns1,n1,axial,a.png,2026-01-15,61,t4A`);
  await crops(one);
  const values = await withActor(actor, (tx) =>
    tx.execute(sql`select item_key, value from nw.current_baseline order by item_key`),
  );
  expect([...values]).toEqual([
    { item_key: "age_years", value: 61 },
    { item_key: "surgery_date", value: "2026-01-15" },
    { item_key: "t_stage", value: "T4a" },
  ]);
  const wrong = Buffer.from(`${columns}\ns2,n1,axial,b.png,15.01.2026,61.5,T4`);
  expect(await problemsOf(crops(wrong))).toEqual([
    "row 2: age_years 61.5 is not a whole number; round it down",
    'row 2: t_stage "T4" is not known; choose one of T1, T2, T3, T4a, T4b',
    'row 2: surgery_date "15.01.2026" is no day; write it as 2026-03-01',
  ]);
  expect(await problemsOf(crops(Buffer.from(`${columns},age\ns2,n1,axial,b.png,,61,,62`)))).toEqual([
    "row 1: the column age_years is there twice",
  ]);
});

// CellProfiler/CellProfiler#1385: a manifest that was made on Windows.
test("a path with the backslashes of Windows is found; one that is nowhere is named as it was written", async () => {
  mkdirSync(join(folder, "crops"));
  await picture(join("crops", "w.png"), { seed: 41 });
  expect(await crops(manifest("s1,n1,axial,crops\\w.png,,,,,,"))).toMatchObject({ added: { crops: 1 } });
  expect(await problemsOf(crops(manifest("s2,n1,axial,crops\\nowhere.png,,,,,,")))).toEqual([
    'row 2: missing file "crops\\nowhere.png"; paths are relative to the manifest',
  ]);
});

test("a refusal counts the rows of the file, whatever is wrong with them", async () => {
  await expect(crops(manifest(good, "A\u00002,n1,axial,b.png,,,,,,"))).rejects.toThrow(
    "1 of 2 rows cannot be imported.",
  );
});

test("a refused import names every bad row and leaves no file in the store", async () => {
  await picture("only-here.png", { seed: 77 });
  const before = existsSync(store) ? readdirSync(store).sort() : [];
  const problems = await problemsOf(
    crops(
      manifest("s9,n1,axial,only-here.png,,,,,,", "s9,n2,axial,nowhere.png,,,,,,", "", "s9,n3,oblique,b.png,2,,,,,"),
    ),
  );
  expect(problems.map((problem) => problem.slice(0, 6))).toEqual(["row 3:", "row 5:"]);
  expect(readdirSync(store).sort()).toEqual(before);
  expect(await crops(manifest("s9,n1,axial,only-here.png,,,,,,"))).toMatchObject({ added: { crops: 1 } });
});

test("what contradicts the study is refused, and the record stays as it was", async () => {
  await crops(manifest(good));
  const before = await rows();
  const problems = await problemsOf(crops(manifest("s1,n1,axial,b.png,0,7,superior rectal artery,female,50,T2")));
  expect(problems.map((problem) => problem.replace(/^row 2: (contradicting )?(\w+).*/, "$2"))).toEqual([
    "sex",
    "age_years",
    "t_stage",
    "region",
    "sa_mm",
    "truth",
    "another",
  ]);
  expect(await rows()).toEqual(before);
});

test("the same pixels under two nodes are reported, also when the other is in the study already, and when truths differ", async () => {
  const first = await crops(manifest(good, "s2,n1,axial,a-copy.png,0,,,,,", "s2,n2,axial,b.png,,,,,,"));
  expect(first.duplicates).toEqual([
    {
      pixelSha256: expect.any(String),
      truthsDiffer: true,
      crops: [
        { subject: "s1", node: "n1", plane: "axial" },
        { subject: "s2", node: "n1", plane: "axial" },
      ],
    },
  ]);
  expect(first.warnings.map(sayIn("en")).join()).toMatch(
    /same pixels: subject s1 .*\(row 2\), subject s2 .*\(row 3\); their subjects always share a fold, and their truths differ/,
  );
  const later = await crops(manifest("s3,n1,axial,b.png,,,,,,"));
  expect(later.duplicates).toHaveLength(1);
  expect(later.warnings.map(sayIn("en")).join()).toMatch(/in the study before/);
});

/** A node as it is drawn, as `save` writes it. */
async function drawing(name: string, save: (image: Sharp) => Sharp, seed = 5): Promise<void> {
  const { pixels, width, height } = drawNode({ seed, plane: "axial", positive: true, shortAxisMm: 9 });
  writeFileSync(join(folder, name), await save(sharp(pixels, { raw: { width, height, channels: 1 } })).toBuffer());
}

// pratikkayal/PlantDoc-Dataset#4: one picture under two classes, saved by other programs.
test("the same picture with opposite truths is said with both rows: as grey and as colour, and nearly the same as JPEG", async () => {
  await drawing("grey.png", (image) => image.toColourspace("b-w").png());
  await drawing("colour.png", (image) => image.toColourspace("srgb").png({ palette: false }));
  await drawing("as.jpg", (image) => image.toColourspace("b-w").jpeg({ quality: 90 }));
  await drawing("else.png", (image) => image.png(), 6);
  const { duplicates, alike, warnings } = await crops(
    manifest(
      "A,n1,axial,grey.png,1,,,,,",
      "B,n1,axial,colour.png,0,,,,,",
      "C,n1,axial,as.jpg,0,,,,,",
      "D,n1,axial,else.png,0,,,,,",
    ),
  );
  expect(duplicates).toMatchObject([{ truthsDiffer: true, crops: [{ subject: "A" }, { subject: "B" }] }]);
  expect(alike.map(({ crops: [a, b], truthsDiffer }) => [a.subject, b.subject, truthsDiffer])).toEqual([
    ["A", "C", true],
    ["B", "C", false],
  ]);
  expect(warnings.map(sayIn("en"))).toEqual([
    expect.stringMatching(/^the same pixels: subject A .* \(row 2\), subject B .* \(row 3\); .* their truths differ$/),
    "the same picture, mirrored, turned, moved or cut anew as it may be: subject A node n1 plane axial (row 2), subject C node n1 plane axial (row 4); their subjects always share a fold, and their truths differ",
    "the same picture, mirrored, turned, moved or cut anew as it may be: subject B node n1 plane axial (row 3), subject C node n1 plane axial (row 4); their subjects always share a fold",
  ]);
  const known = () => withActor(actor, (tx) => findContradictions(tx, actor));
  expect((await known()).map(({ first, second, identical }) => [first.subject, second.subject, identical])).toEqual([
    ["A", "B", true],
    ["A", "C", false],
  ]);
  await drawing("later.jpg", (image) => image.jpeg({ quality: 80 }));
  const later = await crops(manifest("E,n1,axial,later.jpg,0,,,,,"));
  expect(later.warnings.map(sayIn("en")).join("\n")).toMatch(
    /subject A .* \(in the study before\), subject E .* \(row 2\); .*truths differ/,
  );
});

test("images with few levels or too little contrast are named with their rows", async () => {
  const cut = (levels: number) => (image: Sharp) => image.linear(levels / 256).png();
  await drawing("cut.png", cut(14));
  await drawing("whole.png", (image) => image.png(), 6);
  const { warnings } = await crops(manifest("A,n1,axial,cut.png,,,,,,", "B,n1,axial,whole.png,,,,,,"));
  expect(warnings.map(sayIn("en")).join("\n")).toMatch(
    /^1 image has few grey levels: subject A node n1 plane axial \(row 2\): \d+\. Where they were cut/,
  );
  writeFileSync(
    join(folder, "faint.png"),
    await sharp(Buffer.from(Array.from({ length: 400 }, (_, i) => 100 + (i % 2))), {
      raw: { width: 20, height: 20, channels: 1 },
    })
      .png()
      .toBuffer(),
  );
  expect((await crops(manifest("C,n1,axial,faint.png,,,,,,"))).warnings.map(sayIn("en")).join("\n")).toMatch(
    /1 image shows too little contrast to be compared with others: subject C node n1 plane axial \(row 2\)/,
  );
});

test("a grey picture that an earlier version kept as colour is there already", async () => {
  await drawing("colour.png", (image) => image.toColourspace("srgb").png({ palette: false }));
  await crops(manifest("A,n1,axial,colour.png,,,,,,"));
  const { data, info } = await sharp(join(folder, "colour.png"))
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const before = createHash("sha256").update(`${info.width}x${info.height}x3|`).update(data).digest("hex");
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`update crop set pixel_sha256 = ${before} where study_id = ${actor.studyId}`;
  });
  await admin.end();
  expect(info.channels).toBe(3);
  expect(await crops(manifest("A,n1,axial,colour.png,,,,,,"))).toMatchObject({ unchanged: 1, added: { crops: 0 } });
});

test("a picture that was turned and mirrored is reported under two nodes, also when the other is in the study already, and when truths differ", async () => {
  const { pixels, width, height } = drawNode({ seed: 4, plane: "axial", positive: true, shortAxisMm: 9 });
  const node = sharp(pixels, { raw: { width, height, channels: 1 } });
  await node.clone().png().toFile(join(folder, "node.png"));
  await node.clone().rotate(90).png().toFile(join(folder, "turned.png"));
  await node.clone().flop().png().toFile(join(folder, "mirrored.png"));
  const { alike, duplicates, warnings } = await crops(
    manifest("s1,n1,axial,node.png,1,,,,,", "s2,n1,axial,turned.png,0,,,,,", "s2,n2,axial,b.png,0,,,,,"),
  );
  expect(duplicates).toEqual([]);
  expect(alike).toEqual([
    {
      truthsDiffer: true,
      crops: expect.arrayContaining([
        { subject: "s1", node: "n1", plane: "axial" },
        { subject: "s2", node: "n1", plane: "axial" },
      ]),
    },
  ]);
  expect(warnings.map(sayIn("en")).join()).toMatch(
    /same picture, mirrored, turned, moved or cut anew .*\(row [23]\).*\(row [23]\).*, and their truths differ/,
  );
  const later = await crops(manifest("s3,n1,axial,mirrored.png,1,,,,,"));
  expect(later.alike).toHaveLength(2);
  expect(later.warnings.map(sayIn("en")).join()).toMatch(/in the study before/);
  expect((await crops(manifest("s1,n1,coronal,node.png,1,,,,,"))).alike, "of the same node").toHaveLength(2);
});

const recorded = () =>
  withActor(actor, (tx) => tx.select().from(crop).where(eq(crop.studyId, actor.studyId)).orderBy(asc(crop.plane)));

test("an image is kept in the size it came in", async () => {
  await crops(manifest("s1,n1,axial,large.png,,,,,,", "s1,n1,coronal,a.png,,,,,,"));
  const found = await recorded();
  expect(found).toMatchObject([
    { width: 400, height: 200, bitDepth: 8, windowLow: null, scaledFromWidth: null },
    { width: 20, height: 30, bitDepth: 8, windowLow: null, scaledFromWidth: null },
  ]);
  for (const { sha256, originalSha256, width, height } of found) {
    expect(originalSha256).toBe(sha256);
    expect(await sharp(await readImage(sha256 ?? "")).metadata()).toMatchObject({ width, height });
  }
});

test("a grey image of 16 bits is kept to the bit, and shown over the range of its pixels; both are recorded and stored", async () => {
  // As scanners write them: 12 bits of the 16.
  const levels = Uint16Array.from({ length: 24 * 16 }, (_, i) => 40 + ((i * i) % 1353));
  const png = await sharp(levels, { raw: { width: 24, height: 16, channels: 1 } })
    .toColourspace("grey16")
    .png()
    .toBuffer();
  writeFileSync(join(folder, "deep.png"), png);
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  const result = await crops(manifest("s1,n1,axial,deep.png,,,,,,", "s1,n1,coronal,a.png,,,,,,"));
  expect(result.windowed).toEqual([{ row: 2, low, high }]);
  expect(result.warnings.map(sayIn("en")).join()).toMatch(/^1 of 2 images have 16 bits a pixel/);
  const [deep] = await recorded();
  expect(deep).toMatchObject({ bitDepth: 16, windowLow: low, windowHigh: high, windowRule: "pixel-range" });
  expect(deep?.originalSha256).not.toBe(deep?.sha256);

  const original = await sharp(await readImage(deep?.originalSha256 ?? ""))
    .toColourspace("grey16")
    .raw({ depth: "ushort" })
    .toBuffer();
  expect(original.equals(Buffer.from(levels.buffer))).toBe(true);
  const shown = await sharp(await readImage(deep?.sha256 ?? "")).metadata();
  expect(shown).toMatchObject({ depth: "uchar", space: "b-w", width: 24, height: 16 });
  const pixels = await sharp(await readImage(deep?.sha256 ?? ""))
    .toColourspace("b-w")
    .raw()
    .toBuffer();
  expect([...pixels]).toEqual([...levels].map((level) => Math.round((255 * (level - low)) / (high - low))));
  expect(await rows()).toMatchObject({ crop: 2, stored_object: 5 });
});

test("an image that an earlier version scaled down on arrival is there already; another one of its size is not", async () => {
  // Drawn, because an image is known again by what it looks like.
  const drawn = async (name: string, seed: number) => {
    const { pixels, width, height } = drawNode({ seed, plane: "axial", positive: true, shortAxisMm: 9 });
    const large = sharp(pixels, { raw: { width, height, channels: 1 } }).resize(480, 400, { fit: "fill" });
    writeFileSync(join(folder, name), await large.png().toBuffer());
    return large;
  };
  const same = await drawn("drawn.png", 1);
  await drawn("other.png", 7);
  const small = await sharp(await same.png().toBuffer())
    .resize(299, 249, { fit: "fill" })
    .png()
    .toBuffer();
  writeFileSync(join(folder, "small.png"), small);
  await crops(manifest("s1,n1,axial,small.png,,,,,,"));
  await upgraded();
  expect(await crops(manifest("s1,n1,axial,drawn.png,,,,,,"))).toMatchObject({ unchanged: 1, added: { crops: 0 } });
  await expect(crops(manifest("s1,n1,axial,other.png,,,,,,"))).rejects.toMatchObject({
    problems: [expect.stringMatching(/another image is there/)],
  });
});

/** The crops of the study as the upgrade leaves them that scaled 480 x 400 pixels down when they came. */
async function upgraded(): Promise<void> {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`update crop set original_sha256 = null, bit_depth = null, scaled_from_width = 480, scaled_from_height = 400
      where study_id = ${actor.studyId}`;
  });
  await admin.end();
}

test("columns are found by name, a semicolon and a byte order mark are understood, an unknown column is mentioned", async () => {
  const text = "\ufefffile;Plane;node;subject;comment\na.png;axial;n1;s1;seen twice\n";
  expect(await crops(Buffer.from(text))).toMatchObject({
    added: { crops: 1 },
    warnings: [{ key: "errors.column_unused", values: expect.objectContaining({ column: "comment" }) }],
  });
});

test("a manifest without a needed column is refused", async () => {
  expect(await problemsOf(crops(Buffer.from("subject,node,file\ns1,n1,a.png\n")))).toEqual([
    expect.stringMatching(/column plane is missing/),
  ]);
});

const reads = (...lines: string[]) =>
  importReads(actor, {
    reads: Buffer.from(["reader,condition,subject,node,plane,call,criteria,confidence,seconds", ...lines].join("\n")),
  });
const read = "R2,cohort-1,s1,n1,axial,1,irregular_border;round_shape,80,6.5";

test("reads are imported as such, and the same file again adds nothing", async () => {
  await crops(manifest(good));
  expect(await reads(read, "R3,Cohort 2,s1,n1,axial,negative,,,")).toMatchObject({ rows: 2, added: 2 });
  expect(await reads(read)).toMatchObject({ added: 0, unchanged: 1 });
  const found = await withActor(actor, (tx) =>
    tx.execute(
      sql`select reader_code, condition_key, call, confidence, active_ms, criteria, source from read order by reader_code`,
    ),
  );
  const none = { irregular_border: false, heterogeneous_signal: false, round_shape: false };
  expect([...found]).toEqual([
    {
      reader_code: "R2",
      condition_key: "cohort-1",
      call: "positive",
      confidence: 80,
      active_ms: 6500,
      criteria: { ...none, irregular_border: true, round_shape: true },
      source: "imported",
    },
    {
      reader_code: "R3",
      condition_key: "cohort-2",
      call: "negative",
      confidence: null,
      active_ms: null,
      criteria: none,
      source: "imported",
    },
  ]);
});

test("an image without a picture is declared once, and is never taken for one that has a picture", async () => {
  const declared = (...lines: string[]) =>
    importCrops(actor, {
      manifest: Buffer.from(["subject,node,plane,truth", ...lines].join("\n")),
      folder,
      pictures: false,
    });
  expect(await declared("s1,n1,axial,1", "s1,n1,coronal,1")).toMatchObject({
    added: { crops: 2, truths: 1 },
    duplicates: [],
  });
  expect(await declared("s1,n1,axial,1")).toMatchObject({ unchanged: 1, added: { crops: 0 } });
  expect(await reads(read)).toMatchObject({ added: 1 });
  expect(await problemsOf(crops(manifest(good)))).toEqual([
    expect.stringMatching(/another image is there for plane axial/),
  ]);
  expect(await recorded()).toMatchObject([
    { sha256: null, width: null },
    { sha256: null, width: null },
  ]);
});

test.each([
  ["an unknown reader", "R7,cohort-1,s1,n1,axial,1,,,", /unknown reader "R7".*R2, R3/],
  ["an unknown condition", "R2,cohort-9,s1,n1,axial,1,,,", /unknown condition "cohort-9"/],
  ["an unknown plane", "R2,cohort-2,s1,n1,oblique,1,,,", /unknown plane/],
  [
    "an image that is not in the study",
    "R2,cohort-2,s1,n9,axial,1,,,",
    /there is no image of subject s1 node n9 plane axial/,
  ],
  ["an unknown criterion", "R2,cohort-2,s1,n1,axial,1,bright,,", /unknown criterion "bright"/],
  ["a call that is neither", "R2,cohort-2,s1,n1,axial,perhaps,,,", /call "perhaps" is not known/],
  ["a confidence beyond 100", "R2,cohort-2,s1,n1,axial,1,,101,", /confidence 101 lies outside/],
  [
    "a contradicting read",
    "R2,cohort-1,s1,n1,axial,0,irregular_border;round_shape,80,6.5",
    /contradicts the read of R2 in cohort-1 .* of row 2/,
  ],
])("%s is refused with its row number, and no read is written", async (_, bad, reason) => {
  await crops(manifest(good));
  const problems = await problemsOf(reads(read, bad));
  expect(problems).toEqual([expect.stringMatching(reason)]);
  expect(problems[0]).toMatch(/^row 3: /);
  expect((await rows()).read).toBe(0);
  expect(await reads(read)).toMatchObject({ added: 1 });
});

test("an imported read is corrected by a row that says why; both stay, and the same file again adds nothing", async () => {
  await crops(manifest(good));
  await reads(read);
  const correcting = (call: string, reason: string) =>
    importReads(actor, {
      reads: Buffer.from(
        `reader,condition,subject,node,plane,call,criteria,confidence,seconds,correction_reason\nR2,cohort-1,s1,n1,axial,${call},,80,6.5,${reason}`,
      ),
    });
  expect(await problemsOf(correcting("0", ""))).toEqual([expect.stringMatching(/contradicts .* correction_reason$/)]);
  expect(await correcting("0", "Typed from the wrong sheet")).toMatchObject({ added: 0, corrected: 1 });
  expect(await correcting("0", "Typed from the wrong sheet")).toMatchObject({ corrected: 0, unchanged: 1 });
  const found = await withActor(actor, (tx) =>
    tx.execute(
      sql`select r.call, r.correction_reason, b.call as before from read r left join read b on b.id = r.supersedes order by r.submitted_at`,
    ),
  );
  expect([...found]).toEqual([
    { call: "positive", correction_reason: null, before: null },
    { call: "negative", correction_reason: "Typed from the wrong sheet", before: "positive" },
  ]);
});

test("an import corrects nothing that is not there, and no read that was made here", async () => {
  await crops(manifest(good));
  const correcting = `${read},A slip`;
  const file = (row: string) => ({
    reads: Buffer.from(
      `reader,condition,subject,node,plane,call,criteria,confidence,seconds,correction_reason\n${row}`,
    ),
  });
  expect(await problemsOf(importReads(actor, file(correcting)))).toEqual([
    expect.stringMatching(/no read .* to correct/),
  ]);
  await withActor(actor, async (tx) => {
    await tx.execute(sql`select nw.make_cases(jsonb_build_array(jsonb_build_array(id))) from crop`);
    await tx.execute(
      sql`insert into read (study_id, case_id, reader_code, condition_key, criteria, call, protocol_version_id, source, idempotency_key)
        select c.study_id, c.id, 'R2', 'cohort-1', '{}', 'negative', v.id, 'simulated', gen_random_uuid() from reading_case c, protocol_version v`,
    );
  });
  expect(await problemsOf(importReads(actor, file(correcting)))).toEqual([
    expect.stringMatching(/contradicts .* only a read that an earlier file brought/),
  ]);
  expect((await rows()).read).toBe(1);
});

test("after the lock an import says so and writes nothing", async () => {
  await crops(manifest(good));
  await withActor(actor, (tx) => lockStudy(tx, actor, { reason: "test" }));
  await expect(crops(manifest("s5,n1,axial,b.png,,,,,,"))).rejects.toMatchObject({ code: "locked" });
  await expect(reads(read)).rejects.toMatchObject({ code: "locked" });
});

test("an impossible date, dates out of their order and an impossible age are refused by row, in both languages", async () => {
  const { source } = await shippedProtocol("demonstration");
  const withBiopsy = source
    .replace("  items:\n", "  items:\n    - { key: biopsy_date, type: date, label: Biopsy, visit: enrolment }\n")
    .replace("[mri_date, surgery_date]", "[biopsy_date, mri_date, surgery_date]");
  const columns = "subject,node,plane,file,biopsy_date,surgery_date,age_years";
  const rows = [
    "s1,n1,axial,a.png,2026-01-05,2026-01-04,60",
    "s2,n1,axial,a.png,1899-12-31,9999-12-31,0",
    "s3,n1,axial,a.png,2026-01-05,2026-01-05,18",
  ];
  const { problems } = await parseManifest(Buffer.from([columns, ...rows].join("\n")), {
    document: inLanguage(parseProtocol(withBiopsy).document, "en"),
    day: "2026-11-27",
    pictures: true,
  });
  const said = (locale: "en" | "zh") => problems.map(({ row, reason }) => `${row}: ${sayIn(locale)(reason)}`);
  expect(said("en")).toEqual([
    "2: surgery_date 2026-01-04 is before Biopsy (2026-01-05); correct the one that is wrong",
    "3: biopsy_date 1899-12-31 is before 1900-01-01; correct it",
    "3: age_years 0 lies below 18 years; correct it",
    expect.stringMatching(/^3: surgery_date 9999-12-31 is after \d{4}-\d\d-\d\d; correct it$/),
  ]);
  for (const sentence of said("zh")) expect(sentence).toMatch(/(早于|低于|晚于).*；请更正/);
});
