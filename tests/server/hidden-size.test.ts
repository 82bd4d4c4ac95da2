import { gzipSync } from "node:zlib";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import sharp from "sharp";
import superjson from "superjson";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StudyActor, withActor } from "@/server/door";
import { readingCase } from "@/server/schemas/reading";
import { seedDemonstration } from "@/server/services/demonstration/seed-demonstration";
import { openCase, withImages } from "@/server/services/reading/open-case";
import { type Rendering, render } from "@/server/services/reading/rendering";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";

/*
 * What a reader of Cohort 1 can measure of an answer without looking at the image, against the short axis that is kept from that reader: over every crop of
 * the demonstration. Control: the same crops as they are stored, as Cohort 2 has them, tell it.
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

async function answerOf(sha256: string, rendering: Rendering | null): Promise<Record<string, number>> {
  const began = performance.now();
  const answer = readingCase.parse(await withImages({ ...opened, crops: [{ plane: "Axial", sha256 }], rendering }));
  const milliseconds = performance.now() - began;
  const body = JSON.stringify(superjson.serialize(answer));
  const png = Buffer.from(answer.crops[0]?.image ?? "", "base64");
  const { width, height, channels } = await sharp(png).metadata();
  return {
    ...measured(answer),
    milliseconds,
    body: Buffer.byteLength(body),
    "body, compressed": gzipSync(body).length,
    "image, bytes": png.length,
    "image, width": width,
    "image, height": height,
    "image, channels": channels,
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
  for (const what of [".crops.0.width", ".crops.0.height", "image, bytes", "body", "body, compressed"])
    expect(control.get(what), what).toBeGreaterThan(0.8);
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
