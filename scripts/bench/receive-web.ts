import { readFileSync } from "node:fs";
import postgres from "postgres";
import { multipart, post } from "@/tests/support/stow";
import { addPatient, makeStudy } from "@/tests/support/study";
import { startServices } from "../services";
import { pelvisFile } from "./dicom";
import { freshDataDir } from "./product";

/** Parts of one request. Five thousand take a minute or two; NODEWISE_BENCH_PARTS asks for others. */
const parts = Number(process.env.NODEWISE_BENCH_PARTS ?? 5000);
const every = Math.max(1, Math.floor(parts / 10));

const residentMb = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / 1024;

/** One study of many images sent by STOW-RS, into the built-in Postgres: how fast, and how the memory of sender and receiver together goes with the parts. */
export async function benchReceiveWeb(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  process.env.NODEWISE_DATA = dataDir;
  const services = await startServices();
  Object.assign(process.env, services.web);
  const { door } = await import("@/server/door");
  const { receiveImages } = await import("@/server/services/inbox/receive-images");
  const { studyAsCommandLine } = await import("@/server/services/study/study-as-command-line");
  const { listenWeb } = await import("@/worker/dicom/listen-web");
  const { ownerUrl } = services;
  if (!ownerUrl) throw new Error("The bench needs the built-in Postgres: leave DATABASE_URL unset.");
  const owner = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  try {
    const study = await makeStudy({ door: door(), ownerUrl });
    await addPatient(door(), study, { name: "Bench", shortAxisMm: 5, positive: true, seed: 1, only: [] });
    const [exam] = await owner.begin(async (run) => {
      await run`set local role nw_kernel`;
      await run`update subject set site_id = ${study.siteId} where study_id = ${study.studyId}`;
      return run<{ day: string }[]>`select performed_on::text as day from exam where study_id = ${study.studyId}`;
    });
    const { actor } = await studyAsCommandLine(study.slug);
    const note = () => {};
    const token = "x".repeat(40);
    const listening = await listenWeb(
      { address: "127.0.0.1", port: 0 },
      {
        token,
        log: { info: note, warn: note, error: note },
        begin: () => receiveImages({ ...actor, siteId: study.siteId }, { site: "Bench", sender: "STOW-RS" }),
      },
    );
    const pixels = new Uint16Array(320 * 320).fill(7);
    const resident: number[] = [];
    async function* files() {
      for (let n = 0; n < parts; n++) {
        if (n % every === 0) resident.push(residentMb());
        yield pelvisFile(1, n, pixels, {
          PatientID: "H-1",
          PatientName: "",
          StudyDate: exam?.day.replaceAll("-", ""),
        });
      }
    }
    const began = performance.now();
    const { status, stored } = await post({ port: listening.port, token }, multipart(files()));
    const seconds = (performance.now() - began) / 1000;
    await listening.close();
    return [
      `${stored.length} of ${parts} parts of one request stored (${status}): ${(parts / seconds).toFixed(0)} files/s with their making`,
      `resident memory of sender and receiver, MB, at each tenth: ${resident.map((mb) => mb.toFixed(0)).join(" ")}`,
    ];
  } finally {
    await owner.end();
    await door().close();
    await services.stop();
    remove();
  }
}
