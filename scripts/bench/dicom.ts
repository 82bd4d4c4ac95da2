import { readdirSync, readFileSync } from "node:fs";
import postgres from "postgres";
import { seededRandom } from "@/core/random";
import { slice } from "@/tests/support/dicom";
import { addPatient, makeStudy } from "@/tests/support/study";
import { startServices } from "../services";
import { freshDataDir, postmaster } from "./product";

const goals = { filesPerSecond: 60, peakMb: 400, cropMs: 30 };
/** Files of an upload. Twenty thousand take minutes, and are measured when they are asked for: NODEWISE_BENCH_FILES=20000. */
const uploads = (process.env.NODEWISE_BENCH_FILES ?? "100,400,2000").split(",").map(Number);
/** As many as the page sends at once. */
const atOnce = 3;
const side = 320;
const perSeries = 100;
const crops = 30;

/** The n-th slice of an upload with a header as a scanner writes it: 320 x 320 of 12 bits, in series of a hundred, and pixels that are no other's. */
export function pelvisFile(
  upload: number,
  n: number,
  pixels: Uint16Array,
  changes: Record<string, unknown> = {},
): Uint8Array {
  const uid = (part: string) => `1.2.276.0.7230010.3.${upload}.${part}`;
  const own = Uint16Array.from(pixels);
  own[n] = n % 4096;
  const references = [1, 2, 3].map((at) => ({
    ReferencedSOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
    ReferencedSOPInstanceUID: uid(`9.${at}`),
  }));
  return slice({
    ...{ SOPInstanceUID: uid(`4.${n}`), StudyInstanceUID: uid("2"), FrameOfReferenceUID: uid("8") },
    ...{ SeriesInstanceUID: uid(`3.${Math.floor(n / perSeries)}`), SeriesNumber: 1 + Math.floor(n / perSeries) },
    ...{ InstanceNumber: 1 + (n % perSeries), ImagePositionPatient: [-80, -80, 3 * (n % perSeries)] },
    ...{ PatientName: "", PatientID: "", AccessionNumber: "A-2026-1", InstitutionName: "Made-up Hospital" },
    ...{ ReferringPhysicianName: "Doe^Jan", StudyDescription: "MRT Becken", SeriesDescription: "t2_tse_tra_3mm" },
    ...{ StudyTime: "101112", ContentTime: "101513.25", ContentDate: "20260106", SeriesDate: "20260106" },
    ...{ ImageType: ["ORIGINAL", "PRIMARY", "M", "ND"], Manufacturer: "SIEMENS", BodyPartExamined: "PELVIS" },
    ...{ ReferencedImageSequence: references, WindowCenter: 1000, WindowWidth: 2000, FlipAngle: 150 },
    ...{ "00290010 LO": "SIEMENS CSA HEADER", "00291010 OB": new Uint8Array(11_000).fill(7) },
    ...{ Rows: side, Columns: side, PixelData: new Uint8Array(own.buffer) },
    ...changes,
  });
}

/** Seconds of the processors that Postgres has used: its own and that of the processes below it (Linux, ticks of 10 ms). */
function databaseSeconds(dataDir: string): number {
  const [parent = ""] = postmaster(dataDir);
  const ticks = readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .map((pid) => {
      try {
        const after = readFileSync(`/proc/${pid}/stat`, "utf8")
          .replace(/^.*\) /, "")
          .split(" ");
        return pid === parent || after[1] === parent ? Number(after[11]) + Number(after[12]) : 0;
      } catch {
        // It has ended meanwhile.
        return 0;
      }
    });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

/** Most memory of this process so far, MB (Linux). */
const peakMb = () => Number(/VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;

/**
 * Exams as they come in, file by file (read, identity taken away, hashed, stored, written down), by the service of the upload in this process and the built-in
 * Postgres; then crops that are cut out of one. Files are made as they are sent, and their making is left out.
 */
export async function benchDicom(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  process.env.NODEWISE_DATA = dataDir;
  const services = await startServices();
  Object.assign(process.env, services.web);
  const { door } = await import("@/server/door");
  const { beginUpload } = await import("@/server/services/series/begin-upload");
  const { takeFile } = await import("@/server/services/series/take-file");
  const { cutCrop } = await import("@/server/services/series/cut-crop");
  const { ownerUrl } = services;
  if (!ownerUrl) throw new Error("The bench needs the built-in Postgres: leave DATABASE_URL unset.");
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const asKernel = <T extends object>(query: (run: postgres.TransactionSql) => PromiseLike<T[]>) =>
    owner.begin(async (run) => {
      await run`set local role nw_kernel`;
      return query(run);
    });
  const lines: string[] = [];
  try {
    const study = await makeStudy({ door: door(), ownerUrl });
    const { coordinator, locating_radiologist } = study.members;
    const random = seededRandom(16);
    const pixels = Uint16Array.from({ length: side * side }, () => random() * 4095);
    for (const [upload, files] of uploads.entries()) {
      const { number, nodeId } = await addPatient(door(), study, {
        ...{ name: `Bench ${upload}`, shortAxisMm: 5, positive: true, seed: upload, only: [] },
      });
      const [exam] = await asKernel(
        (run) =>
          run<
            { id: string }[]
          >`select e.id from exam e join subject s on s.id = e.subject_id where s.number = ${number}`,
      );
      const { uploadId } = await door().withActor(coordinator, (tx) =>
        beginUpload(tx, coordinator, { examId: exam?.id ?? "", source: "browser" }),
      );
      const accepted = new Set<number>();
      let made = { wall: 0, cpu: 0 };
      let next = 0;
      const cpu = process.cpuUsage();
      const database = databaseSeconds(dataDir);
      const began = performance.now();
      const send = async () => {
        while (next < files) {
          const n = next++;
          const [wall, from] = [performance.now(), process.cpuUsage()];
          const bytes = pelvisFile(upload, n, pixels);
          const { user, system } = process.cpuUsage(from);
          made = { wall: made.wall + performance.now() - wall, cpu: made.cpu + user + system };
          const { outcome } = await takeFile(coordinator, { uploadId, ordinal: n + 1, bytes });
          if (outcome === "accepted") accepted.add(n);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, send));
      const seconds = (performance.now() - began - made.wall) / 1000;
      const { user, system } = process.cpuUsage(cpu);
      lines.push(
        `${accepted.size} of ${files} files taken in: ${(files / seconds).toFixed(0)} files/s (goal: ${goals.filesPerSecond}), ` +
          `${((user + system - made.cpu) / 1000 / files).toFixed(1)} ms of the processor a file and ` +
          `${((1000 * (databaseSeconds(dataDir) - database)) / files).toFixed(1)} ms of Postgres's, ` +
          `${peakMb().toFixed(0)} MB at the most so far (goal: ${goals.peakMb})`,
      );
      if (upload > 0) continue;
      const [instance] = await asKernel((run) => run<{ id: string }[]>`select id from image_instance limit 1`);
      const times: number[] = [];
      let replaces: string | null = null;
      for (let i = 0; i < crops; i++) {
        const start = performance.now();
        await cutCrop(locating_radiologist, {
          ...{ nodeId, plane: "axial", replaces, instanceId: instance?.id ?? "", frame: 1 },
          ...{ box: { left: i, top: i, width: 60, height: 50 }, window: { low: 0, high: 3000 } },
        });
        times.push(performance.now() - start);
        const [crop] = await asKernel(
          (run) =>
            run<{ id: string }[]>`select id from crop where node_id = ${nodeId} order by created_at desc limit 1`,
        );
        replaces = crop?.id ?? null;
      }
      const sorted = times.toSorted((a, b) => a - b);
      lines.push(
        `a crop cut and stored: ${sorted[Math.floor(crops / 2)]?.toFixed(0)} ms in the middle, ${sorted.at(-1)?.toFixed(0)} ms at the most (goal: ${goals.cropMs} ms)`,
      );
    }
    return lines;
  } finally {
    await owner.end();
    await door().close();
    await services.stop();
    remove();
  }
}
