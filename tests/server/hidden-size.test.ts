import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import sharp from "sharp";
import superjson from "superjson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StudyActor, withActor } from "@/server/door";
import { readingCase } from "@/server/schemas/reading";
import { seedDemonstration } from "@/server/services/demonstration/seed-demonstration";
import { openCase } from "@/server/services/reading/open-case";
import { type Rendering, render } from "@/server/services/reading/rendering";
import { withImages } from "@/server/services/reading/with-images";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";

/*
 * What a reader of Cohort 1 can measure of an answer without looking at the image, against the short axis that is kept from that reader: over every crop of
 * the demonstration. Control: the same crops as they are stored, as Cohort 2 has them, tell it. That nothing compresses an answer on its way, whose length
 * would tell it, too, stands in `tests/e2e/doors.spec.ts`.
 */

const database = await freshDatabase();
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

type Opened = NonNullable<Awaited<ReturnType<typeof openCase>>>;
let opened: Opened;
let crops: { sha256: string; mm: number }[];

beforeAll(async () => {
  await seedDemonstration({ ownerUrl: database.owner });
  const { study, actor } = await studyAsCommandLine("Demonstration, running");
  const [member] = await withActor(actor, (tx) =>
    tx.execute<{ id: string; person_id: string }>(sql`select id, person_id from membership where reader_code = 'R2'`),
  );
  const reader: StudyActor = {
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
    ...(await admin<{ sha256: string; mm: number }[]>`
      select c.sha256, z.short_axis_mm::float8 as mm from nw.current_crop c join nw.current_size z using (study_id, node_id) order by c.id`),
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

async function answerOf(sha256: string, rendering: Rendering | null): Promise<Record<string, number>> {
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
  return {
    ...measured(answer),
    "milliseconds, once": times[0] ?? Number.NaN,
    "milliseconds, least of three": Math.min(...times),
    body: Buffer.byteLength(body),
    "image, bytes": png.length,
    "image, width": width,
    "image, height": height,
    "image, channels": channels,
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
async function correlations(rendering: Rendering | null): Promise<Map<string, number>> {
  const answers: Record<string, number>[] = [];
  for (const { sha256 } of crops) answers.push(await answerOf(sha256, rendering));
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
  expect(opened.rendering, "Cohort 1").toBe("canvas-300-cubic");
  const found = await correlations(opened.rendering);
  for (const [what, r] of found) expect(Math.abs(r), `${what}: r = ${r.toFixed(2)}`).toBeLessThan(limit);

  const control = await correlations(null);
  expect([...control.keys()]).toEqual([...found.keys()]);
  for (const what of [".crops.0.width", ".crops.0.height", "image, bytes", "IDAT, bytes", "IEND, place", "body"])
    expect(control.get(what), what).toBeGreaterThan(0.8);
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
        const { png } = await render(stored, "canvas-300-cubic");
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
    const { png } = await render(stored, "canvas-300-cubic");
    const { data, info } = await sharp(png).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
    const lit = data.filter((level) => level > 64).length;
    return { bytes: png.length, width: info.width, height: info.height, lit };
  };
  const wide = await drawn(20, 10);
  expect(await drawn(1000, 500)).toEqual(wide);
  expect(wide).toEqual({ bytes: wide.bytes, width: 300, height: 300, lit: 300 * 150 });
  expect((await drawn(9, 9)).bytes).toBe(wide.bytes);
});
