import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import sharp from "sharp";
import superjson from "superjson";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type StudyActor, withActor } from "@/server/door";
import { readingCase } from "@/server/schemas/reading";
import { seedDemonstration } from "@/server/services/demonstration/seed-demonstration";
import { canvasRendering, drawOnCanvas } from "@/server/services/imaging/draw-on-canvas";
import { readImage } from "@/server/services/imaging/read-image";
import { openCase } from "@/server/services/reading/open-case";
import { withImages } from "@/server/services/reading/with-images";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { store } from "@/server/store";
import { freshDatabase } from "@/tests/support/database";
import { killed, startWorker, until } from "@/tests/support/worker";

/*
 * What a reader of Cohort 1 can measure of an answer without looking at the image, against the short axis that is kept from that reader: over every crop of
 * the demonstration. Control: the same crops as they are stored, as Cohort 2 has them, tell it. That nothing compresses an answer on its way, whose length
 * would tell it, too, stands in `tests/e2e/doors.spec.ts`.
 */

const database = await freshDatabase();
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterEach(killed);
afterAll(() => admin.end());

type Opened = NonNullable<Awaited<ReturnType<typeof openCase>>>;
let opened: Opened;
let reader: StudyActor;
/** As they are stored, and as they are drawn on the canvas. */
let crops: { stored: string; canvas: string; mm: number }[];

beforeAll(async () => {
  await seedDemonstration({ ownerUrl: database.owner });
  const { study, actor } = await studyAsCommandLine("Demonstration, running");
  const [member] = await withActor(actor, (tx) =>
    tx.execute<{ id: string; person_id: string }>(sql`select id, person_id from membership where reader_code = 'R2'`),
  );
  reader = {
    role: "reader",
    studyId: study.id,
    siteId: null,
    personId: String(member?.person_id),
    membershipId: String(member?.id),
  };
  const found = await openCase(reader);
  if (!found) throw new Error("no case is open");
  opened = found;
  crops = [
    ...(await admin<typeof crops>`
      select c.sha256 as stored, w.sha256 as canvas, z.short_axis_mm::float8 as mm
from nw.current_crop c join nw.current_size z using (study_id, node_id) join crop_canvas w on w.crop_id = c.id order by c.id`),
  ];
});

/** Every number, and the length of every list and text, of an answer; by its place. */
function measured(value: unknown, place = ""): Record<string, number> {
  if (typeof value === "number") return { [place]: value };
  if (typeof value === "string") return { [`${place} length`]: value.length };
  if (value === null || typeof value !== "object") return {};
  return Object.fromEntries([
    [`${place} entries`, Object.keys(value).length] as const,
    ...Object.entries(value).flatMap(([key, inner]) => Object.entries(measured(inner, `${place}.${key}`))),
  ]);
}

/** Of the chunks of a PNG: how many there are of each type, their bytes together, and where the first one stands. */
function chunksOf(png: Buffer): Record<string, number> {
  const found: Record<string, number> = {};
  for (let at = 8; at < png.length; at += 12 + png.readUInt32BE(at)) {
    const type = png.toString("latin1", at + 4, at + 8);
    found[`${type}, place`] ??= at;
    found[`${type}, chunks`] = (found[`${type}, chunks`] ?? 0) + 1;
    found[`${type}, bytes`] = (found[`${type}, bytes`] ?? 0) + png.readUInt32BE(at);
  }
  return found;
}

/** How many columns and rows are black throughout: those beside a picture that is not square. */
function barsOf(levels: Buffer, width: number): number {
  const [columns, rows] = [[...Array(width).keys()], [...Array(levels.length / width).keys()]];
  const isBlack = (row: number, column: number) => levels[row * width + column] === 0;
  return (
    columns.filter((column) => rows.every((row) => isBlack(row, column))).length +
    rows.filter((row) => columns.every((column) => isBlack(row, column))).length
  );
}

async function answerOf(sha256: string, rendering: Opened["rendering"]): Promise<Record<string, number>> {
  const times: number[] = [];
  const answers: unknown[] = [];
  for (let asked = 0; asked < 3; asked++) {
    const began = performance.now();
    answers.push(await withImages({ ...opened, crops: [{ plane: "Axial", sha256 }], rendering }));
    times.push(performance.now() - began);
  }
  const answer = readingCase.parse(answers[0]);
  const body = JSON.stringify(superjson.serialize(answer));
  const png = Buffer.from(answer.crops[0]?.image ?? "", "base64");
  const { width, height, channels } = await sharp(png).metadata();
  const bars = barsOf(await sharp(png).toColourspace("b-w").raw().toBuffer(), width);
  return {
    ...measured(answer),
    "milliseconds, once": times[0] ?? Number.NaN,
    "milliseconds, least of three": Math.min(...times),
    body: Buffer.byteLength(body),
    "image, bytes": png.length,
    "image, width": width,
    "image, height": height,
    "image, channels": channels,
    "bars, pixels": bars,
    "bars, narrow ones": Math.min(bars, 60),
    ...chunksOf(png),
  };
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const products = (x: readonly number[], mx: number, y: readonly number[], my: number) =>
    x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] ?? 0) - my), 0);
  const spread = Math.sqrt(products(a, ma, a, ma) * products(b, mb, b, mb));
  return spread === 0 ? 0 : products(a, ma, b, mb) / spread;
}

/** The correlation with the short axis, of whatever can be measured. */
async function correlations(rendering: Opened["rendering"]): Promise<Map<string, number>> {
  const answers: Record<string, number>[] = [];
  for (const { stored, canvas } of crops) answers.push(await answerOf(rendering ? canvas : stored, rendering));
  const sizes = crops.map(({ mm }) => mm);
  return new Map(
    Object.keys(answers[0] ?? {}).map((what) => [
      what,
      correlation(
        answers.map((answer) => answer[what] ?? Number.NaN),
        sizes,
      ),
    ]),
  );
}

const limit = 0.2;

test("nothing that is measurable of a case without its size correlates with the short axis", async () => {
  expect(crops.length).toBeGreaterThan(300);
  expect(opened.rendering, "Cohort 1").toBe(canvasRendering);
  const found = await correlations(opened.rendering);
  for (const [what, r] of found) expect(Math.abs(r), `${what}: r = ${r.toFixed(2)}`).toBeLessThan(limit);

  const control = await correlations(null);
  expect([...control.keys()]).toEqual([...found.keys()]);
  for (const what of [".crops.0.width", ".crops.0.height", "image, bytes", "IDAT, bytes", "IEND, place", "body"])
    expect(control.get(what), what).toBeGreaterThan(0.8);
});

test("a case without its size is opened without its images being looked at: what is drawn when they come lies in the store", async () => {
  const { crops: shown } = opened;
  const drawn = crops.find(({ canvas }) => canvas === shown[0]?.sha256);
  if (!drawn) throw new Error("the case is not of this study");
  const kept = await readImage(drawn.stored);
  await store.delete(drawn.stored);
  try {
    const answer = readingCase.parse(await withImages(opened));
    const png = await drawOnCanvas(sharp(kept), await sharp(kept).metadata());
    expect(answer.crops[0]).toEqual({ plane: shown[0]?.plane, image: png.toString("base64"), width: 300, height: 300 });
    // Control: where the size is shown, it is the image itself that is handed out.
    const asStored = { ...opened, rendering: null, crops: [{ plane: "Axial", sha256: drawn.stored }] };
    await expect(withImages(asStored)).rejects.toThrow(/is missing from the store/);
  } finally {
    await store.put(kept);
  }
});

test("images of an earlier version are drawn by the worker, all of them; until then a case without its size is not opened, whatever its image", async () => {
  const canvases = () => admin`
    select w.crop_id, w.sha256 from crop_canvas w join study s on s.id = w.study_id and s.state <> 'locked' order by w.crop_id`;
  const before = await canvases();
  expect(before.length).toBeGreaterThan(20);
  await admin.begin(async (run) => {
    await run`set local session_replication_role = replica`;
    await run`delete from crop_canvas`;
  });
  const undrawn = await openCase(reader);
  expect(undrawn?.crops[0]?.sha256).toBeNull();
  await expect(withImages(undrawn)).rejects.toThrow(/are still being prepared/);
  startWorker(database.worker);
  await until("the drawing", async () => (await canvases()).length === before.length, 60);
  expect([...(await canvases())]).toEqual([...before]);
  expect(await openCase(reader)).toEqual(opened);
});

test("the file of an image without its size has the same chunks of the same lengths, small or large, smooth or not; grey ones and coloured ones each", async () => {
  const frames = new Map<string, Set<string>>();
  for (const channels of [1, 3] as const)
    for (const side of [9, 40, 300, 1000])
      for (const pixels of [Buffer.alloc(side * side * channels, 128), randomBytes(side * side * channels)]) {
        const stored = await sharp(pixels, { raw: { width: side, height: side, channels } })
          .toColourspace(channels === 1 ? "b-w" : "srgb")
          .png()
          .toBuffer();
        const png = await drawOnCanvas(sharp(stored), { width: side, height: side, channels });
        const { channels: drawn } = await sharp(png).metadata();
        frames.set(
          `${channels} ${drawn}`,
          (frames.get(`${channels} ${drawn}`) ?? new Set()).add(JSON.stringify(chunksOf(png))),
        );
      }
  expect([...frames].map(([channels, kinds]) => [channels, kinds.size])).toEqual([
    ["1 1", 1],
    ["3 3", 1],
  ]);
});

test("the images of a case without its size are of one canvas and one length, small or large, and show the crop as it is", async () => {
  const drawn = async (width: number, height: number) => {
    const stored = await sharp({ create: { width, height, channels: 3, background: "#808080" } })
      .toColourspace("b-w")
      .png()
      .toBuffer();
    const png = await drawOnCanvas(sharp(stored), { width, height, channels: 1 });
    const { data, info } = await sharp(png).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
    const lit = data.filter((level) => level > 64).length;
    return { bytes: png.length, width: info.width, height: info.height, lit };
  };
  const wide = await drawn(20, 10);
  expect(await drawn(1000, 500)).toEqual(wide);
  // A pixel more or less does not show: the smaller a crop is, the wider it would.
  for (const [width, height] of [
    [20, 19],
    [21, 20],
    [100, 97],
  ] as const)
    expect((await drawn(width, height)).lit, `${width} x ${height}`).toBe(300 * 300);
  expect(wide).toEqual({ bytes: wide.bytes, width: 300, height: 300, lit: 300 * 150 });
  expect((await drawn(9, 9)).bytes).toBe(wide.bytes);
});
