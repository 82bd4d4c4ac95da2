import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { joined } from "@/core/dicom/bytes";
import { type DicomFile, isEncapsulated } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { frameCount } from "@/core/dicom/frame";
import { lookedUp, modalityOf, modalityValues, voisOf } from "@/core/dicom/grey";
import { readDicom } from "@/core/dicom/read";
import type { Samples } from "@/core/dicom/samples";
import { number, text } from "@/core/dicom/values";
import { bytesOfDataSet, implementation } from "@/core/dicom/write";
import { type Said, sayIn } from "@/core/words";
import english from "@/core/words/en/dicom.json";
import chinese from "@/core/words/zh/dicom.json";
import { decodedFrame } from "@/server/decoding/decoded-frame";
import { beginUpload } from "@/server/services/series/begin-upload";
import { takeFile } from "@/server/services/series/take-file";
import { uploadsOf } from "@/server/services/series/uploads-of";
import { sha256 } from "@/server/sha256";
import { readObject } from "@/server/store";
import { type CorpusFile, corpusFiles, hasCorpus, hostileFiles, planted, plantedFiles } from "../imaging/corpus";
import { Finder, identifiersIn } from "../imaging/identifiers";
import { freshDatabase } from "../support/database";
import { addPatient, type MadeStudy, makeStudy } from "../support/study";

/*
 * Every file of the corpus comes in through the door that an upload comes in by. What became of it, and whether its pixels are the ones that others decode, is
 * written down file by file in `tests/imaging/CORPUS.md` (written anew by `npx vitest run --project database tests/server/corpus.test.ts -u`). Then everything
 * that was kept is searched for whoever the files are of.
 */

const run = promisify(execFile);
const database = await freshDatabase();
const { door, withActor } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

interface Taken {
  file: CorpusFile;
  outcome: string;
  reason: Said | null;
  sha256: string | null;
}

/** Days by which dates are moved here: so many that no moved one is another's as it was. */
const offsetDays = -20_011;

const taken: Taken[] = [];
const logged: string[] = [];
const reports: string[] = [];
let before: string[] = [];
let peakMb = 0;

/** Rows of every table, and every file of the store, as bytes with their place. */
async function everything(): Promise<{ place: string; bytes: Buffer }[]> {
  const tables = await admin<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname not in ('pg_catalog', 'information_schema') order by 1`;
  const rows = [];
  for (const { name } of tables) {
    // Who the subjects are stands in a table of its own, and nowhere else.
    if (name === "public.subject_identity") continue;
    const all = await admin.unsafe<{ row: string }[]>(`select to_jsonb(t)::text as row from ${name} t`);
    rows.push({ place: name, bytes: Buffer.from(all.map(({ row }) => row).join("\n")) });
  }
  const files = readdirSync(database.store, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => ({ place: `store/${entry.name}`, bytes: readFileSync(join(entry.parentPath, entry.name)) }));
  return [...rows, ...files];
}

/** Shorter words are in compressed pixels by chance: one in four bytes at a time, in fifty million. */
const shortestInPixels = 7;

/** The pieces of what is kept, with the length from which on a word in them is no chance. */
function piecesOf({ place, bytes }: { place: string; bytes: Buffer }): { bytes: Uint8Array; shortest: number }[] {
  let file: DicomFile;
  try {
    file = readDicom(new Uint8Array(bytes));
  } catch {
    return [{ bytes, shortest: place.startsWith("store/") ? shortestInPixels : 0 }];
  }
  const pixels = file.data.get(tagOf("PixelData"));
  const inflated =
    isEncapsulated(pixels) && file.transferSyntax === "1.2.840.10008.1.2.8.1"
      ? pixels.fragments.map((fragment) => ({ bytes: inflateRawSync(fragment), shortest: shortestInPixels }))
      : [];
  const withoutPixels = new Map([...file.data].filter(([tag]) => tag !== tagOf("PixelData")));
  return [
    { bytes, shortest: shortestInPixels },
    { bytes: bytes.subarray(0, 400), shortest: 0 },
    { bytes: bytesOfDataSet(withoutPixels), shortest: 0 },
    ...inflated,
  ];
}

/**
 * Identifiers that stand where they must not, with their place. What identifies somebody in one file may be an ordinary word in another ("Test", the maker of a
 * scanner): in a stored file it counts unless that file came with it, and told nobody's identity by it.
 */
async function findings(finder: Finder): Promise<string[]> {
  const sources = new Map(taken.flatMap(({ sha256: stored, file }) => (stored ? [[`store/${stored}`, file]] : [])));
  return (await everything()).flatMap((kept) => {
    const words = new Set(piecesOf(kept).flatMap(({ bytes, shortest }) => finder.in(bytes, shortest)));
    const source = words.size > 0 ? sources.get(kept.place) : undefined;
    const own = source && [...identifiersIn(source.bytes)].map((word) => word.toLowerCase());
    const came = source && Buffer.from(source.bytes);
    return [...words]
      .filter((word) => !own || own.includes(word.toLowerCase()) || !came?.includes(Buffer.from(word, "latin1")))
      .map((word) => `${kept.place}: ${word}`);
  });
}

/** Studies, of which none holds two files of one name: the corpus has one image in eight syntaxes. */
const places: { study: MadeStudy; examId: string; uids: Set<string> }[] = [];

async function placeFor(uid: string) {
  const free = places.find(({ uids }) => !uids.has(uid));
  if (free) {
    free.uids.add(uid);
    return free;
  }
  const study = await makeStudy({ door, ownerUrl: database.owner });
  await addPatient(door, study, { name: "", shortAxisMm: 5, positive: true, seed: places.length + 1, only: [] });
  const [exam] = await admin`select id, subject_id from exam where study_id = ${study.studyId}`;
  await admin`insert into date_offset (subject_id, study_id, days) values (${exam?.subject_id}, ${study.studyId}, ${offsetDays})`;
  const place = { study, examId: exam?.id as string, uids: new Set([uid]) };
  places.push(place);
  return place;
}

/** Takes a file in as an upload of its own, for a subject who is whom the file says. */
async function take(file: CorpusFile): Promise<Taken> {
  const said = received(file)?.data ?? new Map();
  const { study, examId } = await placeFor(text(said, tagOf("SOPInstanceUID")) ?? file.name);
  const { coordinator } = study.members;
  await admin`update subject_identity set name = ${text(said, tagOf("PatientName"))?.split("=")[0] ?? ""},
    hospital_number = ${text(said, tagOf("PatientID")) ?? ""} where study_id = ${study.studyId}`;
  const { uploadId } = await withActor(coordinator, (tx) =>
    beginUpload(tx, coordinator, { examId, source: "browser" }),
  );
  const { outcome, reason } = await takeFile(coordinator, { uploadId, ordinal: 1, bytes: file.bytes });
  const report = (await withActor(coordinator, (tx) => uploadsOf(tx, coordinator, { examId }))).find(
    ({ id }) => id === uploadId,
  );
  if (!report) throw new Error("Nothing is told of the upload.");
  reports.push(JSON.stringify([report, reason && sayIn("zh")(reason)]));
  const [stored] =
    await admin`select i.sha256 from uploaded_file u join image_instance i on i.id = u.instance_id where u.upload_id = ${uploadId}`;
  return { file, outcome, reason, sha256: stored?.sha256 ?? null };
}

const storedFile = async ({ sha256: name }: Taken): Promise<DicomFile> =>
  readDicom(await readObject(name ?? "", { limit: 2 ** 28 }));

function received({ bytes }: CorpusFile): DicomFile | undefined {
  try {
    return readDicom(bytes);
  } catch {
    return undefined;
  }
}

interface Reference {
  error?: string;
  by?: string;
  sha256?: string;
  values?: number[];
  modality?: string;
  voi?: string;
}
const references: Record<string, Reference> = JSON.parse(
  readFileSync(new URL("../imaging/reference.json", import.meta.url), "utf8"),
);
/** Most by which a lossy decoder may differ from another. */
const lossyWithin = 3;

async function samplesOf(file: DicomFile): Promise<Samples[]> {
  const frames = [];
  for (let frame = 0; frame < frameCount(file.data); frame++) frames.push((await decodedFrame(file, frame)).samples);
  return frames;
}
const bytesOf = (frames: readonly (Samples | Float64Array)[]) =>
  joined(frames.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength)));

/** How the pixels that are stored compare with those that others read from the file that came. */
async function comparison(each: Taken): Promise<string> {
  const base = each.file.name.replace(/^planted(\/gb18030)?/, "");
  const isPlanted = base !== each.file.name;
  const reference = isPlanted
    ? Object.entries(references).find(([name]) => name.endsWith(base))?.[1]
    : references[each.file.name];
  // What is refused for the want of its UIDs has pixels all the same.
  const file = each.sha256 ? await storedFile(each) : received(each.file);
  const isRead = each.sha256 || each.reason?.key === "dicom.refused.no_image";
  if (!isRead || !file?.data.has(tagOf("PixelData")) || !number(file.data, tagOf("Rows"))) return "";
  const frames = await samplesOf(file);
  if (!reference || reference.error) return `decoded; ${reference?.error ?? "not in the reference"}`;
  const said = [];
  if (sha256(bytesOf(frames)) === reference.sha256) said.push(`equal to ${reference.by}`);
  else {
    const all = frames.flatMap((frame) => [...frame]);
    const most = Math.max(
      ...(reference.values ?? [Number.POSITIVE_INFINITY]).map((value, at) =>
        Math.abs(value - (all[Math.floor((at * (all.length - 1)) / 255)] ?? Number.NaN)),
      ),
    );
    said.push(
      most <= lossyWithin ? `lossy: within ${most} of ${reference.by} at 256 places` : `DIFFERENT from ${reference.by}`,
    );
  }
  const values = frames.map((frame) => modalityValues(frame, modalityOf(file.data)));
  if (reference.modality)
    said.push(sha256(bytesOf(values)) === reference.modality ? "modality LUT equal" : "modality LUT DIFFERENT");
  if (reference.voi) {
    const lut = voisOf(file.data).find((step) => "values" in step);
    const shown = lut && "values" in lut ? values.map((frame) => frame.map((value) => lookedUp(lut, value))) : [];
    said.push(sha256(bytesOf(shown)) === reference.voi ? "VOI LUT equal" : "VOI LUT DIFFERENT");
  }
  return said.join("; ");
}

describe.skipIf(!hasCorpus)("the corpus (left out where the shared data are absent)", () => {
  const identifiers = new Set<string>(
    [planted.name, ...planted.words].map((word) => Buffer.from(word, "utf8").toString("latin1")),
  );
  let finder: Finder;

  beforeAll(async () => {
    for (const stream of [process.stdout, process.stderr])
      vi.spyOn(stream, "write").mockImplementation((chunk) => {
        logged.push(String(chunk));
        return true;
      });
    const corpus = [...corpusFiles(), ...plantedFiles()];
    for (const { bytes } of corpus) for (const word of identifiersIn(bytes)) identifiers.add(word);
    // Who writes files says so in each of them.
    identifiers.delete(implementation.uid);
    // A study as it is before the first image: what stands there is no word of a file.
    await placeFor("");
    before = await findings(new Finder(identifiers));
    const columns = await admin`select distinct column_name from information_schema.columns`;
    const ours = new Finder(identifiers).in(Buffer.from(JSON.stringify([english, chinese, columns])));
    const known = new Set(
      [...before.map((line) => line.slice(line.indexOf(": ") + 2)), ...ours].map((word) => word.toLowerCase()),
    );
    finder = new Finder([...identifiers].filter((word) => !known.has(word.toLowerCase())));
    for (const file of corpus) taken.push(await take(file));
    const resting = process.memoryUsage().rss;
    for (const file of hostileFiles()) {
      taken.push(await take(file));
      peakMb = Math.max(peakMb, (process.memoryUsage().rss - resting) / 2 ** 20);
    }
    vi.restoreAllMocks();
  }, 900_000);

  test("comes in file by file as CORPUS.md says, with the pixels that others decode", async () => {
    const lines: { name: string; outcome: string; row: string }[] = [];
    for (const each of taken) {
      const syntax = received(each.file)?.received.replace("1.2.840.10008.1.2", "") || "-";
      const { key = "", values = {} } = each.reason ?? {};
      const reason = [key.split(".").at(-1), ...Object.values(values)].join(" ").trim();
      lines.push({
        name: each.file.name,
        outcome: each.outcome,
        row: `| ${each.file.name} | ${syntax} | ${each.outcome} | ${reason} | ${await comparison(each)} |`,
      });
    }
    const count = (part: RegExp) => lines.filter(({ row }) => part.test(row)).length;
    const outcomes = ["accepted", "held", "refused"].map(
      (key) => `${key} ${lines.filter(({ outcome }) => outcome === key).length}`,
    );
    const said = [
      "# The corpus, file by file",
      "",
      "What becomes of each file at the door (`server/services/series/take-file.ts`), and whether the pixels that are stored, decoded here, are those that others",
      "decode from the file as it came: pydicom 3.0.2 with pylibjpeg, gdcm and CharLS, dcmtk for JPEG of 12 bits, zlib for deflated frames (`reference.py`).",
      "`equal`: every value of every frame. Lossy decoders may differ by " +
        lossyWithin +
        ". Syntaxes without `1.2.840.10008.1.2` in front. Written by `tests/server/corpus.test.ts`",
      "(`-u`), which fails where a file differs from its line.",
      "",
      `${lines.length} files: ${outcomes.join(", ")}. Pixels: ${count(/\| equal to /)} equal, ${count(/\| lossy: within/)} lossy and near, ${count(/\| decoded; /)} that no other decoder reads, ${count(/DIFFERENT/)} different.`,
      "",
      "| file | syntax | intake | reason | pixels |",
      "|---|---|---|---|---|",
      ...lines.map(({ row }) => row),
      "",
    ].join("\n");
    await expect(said).toMatchFileSnapshot("../imaging/CORPUS.md");
    expect(lines.filter(({ row }) => /DIFFERENT/.test(row))).toEqual([]);
    expect(count(/\| equal to /)).toBeGreaterThan(150);
  }, 900_000);

  test("leaves nothing of whom it is of: in no stored byte, no row, no line of a log, no report", async () => {
    expect(finder.in(Buffer.from([...logged, ...reports].join("\n")))).toEqual([]);
    expect(await findings(finder)).toEqual([]);
    expect(identifiers.size).toBeGreaterThan(600);
  }, 300_000);

  test("leaves what is found where it is put on purpose: in a file, a row, a log", async () => {
    const [first] = taken.filter(({ sha256: stored }) => stored);
    const [path = ""] = readdirSync(database.store, { recursive: true, encoding: "utf8" }).filter((each) =>
      each.endsWith(first?.sha256 ?? "-"),
    );
    const kept = readFileSync(join(database.store, path));
    try {
      writeFileSync(join(database.store, path), Buffer.concat([kept, Buffer.from(" Bronisława ")]));
      await admin`create table of_a_later_version as select 'MR of QX-4711-0815' as note`;
      const found = await findings(finder);
      expect(found.some((line) => line.startsWith("store/") && line.includes("Bronis"))).toBe(true);
      expect(found).toContain("public.of_a_later_version: QX-4711-0815");
    } finally {
      writeFileSync(join(database.store, path), kept);
      await admin`drop table if exists of_a_later_version`;
    }
    expect(finder.in(Buffer.from("error: Zwyrtkowska is no number"))).toEqual(["Zwyrtkowska"]);
    expect(finder.in(Buffer.from("as in MR1-Zwyrtkowskas")), "as a whole word").toEqual([]);
  }, 300_000);

  test("has nothing planted left, though all of it was in the files", () => {
    for (const { bytes } of plantedFiles().slice(0, -1))
      expect(finder.in(bytes).length, "in what came").toBeGreaterThan(8);
    expect(taken.filter(({ file }) => file.name.startsWith("planted/")).map(({ outcome }) => outcome)).not.toContain(
      "refused",
    );
  });

  test("refuses each hostile file with a reason, in bounded memory", () => {
    const hostile = taken.filter(({ file }) => file.name.startsWith("hostile/"));
    expect(hostile.filter(({ outcome }) => outcome !== "refused").map(({ file }) => file.name)).toEqual([]);
    // A deflated file may become 512 MB, and is held twice while it is put together.
    expect(peakMb).toBeLessThan(1200);
  });

  const hasValidator = (() => {
    try {
      execFileSync("dciodvfy", ["-version"], { stdio: "ignore" });
      return true;
    } catch (error) {
      return (error as { code?: string }).code !== "ENOENT";
    }
  })();
  test.skipIf(!hasValidator)(
    "has no error of its IOD that the input had not, by dciodvfy (left out where dicom3tools is not installed)",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "nodewise-dciodvfy-"));
      const errorsOf = async (bytes: Uint8Array) => {
        writeFileSync(join(folder, "file.dcm"), bytes);
        const { stderr } = await run("dciodvfy", [join(folder, "file.dcm")]).catch((error: { stderr?: string }) => ({
          stderr: error.stderr ?? "",
        }));
        return [...new Set(stderr.split("\n").filter((line) => line.startsWith("Error")))];
      };
      try {
        const added: string[] = [];
        let looked = 0;
        // The slices of a series are as the first of them.
        const unlike = taken.filter(({ file: { name } }) => !/^planted|\.(1|3)\.(?!1\.2005)\d+\.2005/.test(name));
        for (const each of unlike.filter(({ sha256: stored }) => stored)) {
          const input = new Set((await errorsOf(each.file.bytes)).map(kindOf));
          const output = await errorsOf(await readObject(each.sha256 ?? "", { limit: 2 ** 28 }));
          looked++;
          added.push(...output.filter((line) => !input.has(kindOf(line))).map((line) => `${each.file.name}: ${line}`));
        }
        expect(added).toEqual([]);
        expect(looked).toBeGreaterThan(100);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    300_000,
  );
});

/** An error without the values that it names. */
const kindOf = (line: string) => line.replace(/<[^>]*>/g, (value) => (/^<[A-Za-z ']+>$/.test(value) ? value : "<>"));
