import { locales, sayIn } from "@/core/words";
import { hold } from "@/db/locks";
import about from "@/package.json";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { KnownStudy } from "@/server/schemas/study";
import { listMeasurements } from "@/server/services/series/list-measurements";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { toTsv } from "@/server/tables/to-tsv";
import { measurementColumns, participantColumns } from "./columns";
import { cropsOfSubject } from "./crops-of-subject";
import { imagesOfSubject } from "./images-of-subject";
import { outgoing, type Put } from "./outgoing";
import { putCrop } from "./put-crop";
import { putExam } from "./put-exam";
import { type ExportedSubject, subjectsToExport } from "./subjects-to-export";

/** The release of the Brain Imaging Data Structure after whose manner the folder is laid out. */
const bids = "1.10.0";

/**
 * The images of a locked study for other programs, laid out like BIDS: each image from the scanner as its de-identified file, each crop as it is stored with where
 * it was cut, and the sizes with their ends. Nobody who withdrew the use, no excluded node and no held image is in it. Rows of one subject at a time are in memory,
 * and no file but one from which a crop with its context is cut.
 * @param options.put takes the files one after the other; what it took counts once this is done, and not before
 * @throws AppError "not_found" where there is no image, "conflict" when somebody withdrew meanwhile, "unavailable" for a stored file that is missing or damaged,
 * and what `put` fails with
 */
export async function exportImages(
  actor: StudyActor,
  study: KnownStudy,
  { put, onProgress }: { put: Put; onProgress?: (at: { done: number; total: number }) => void },
) {
  const out = outgoing(put);
  const { subjects, document } = await withActor(actor, async (tx) => ({
    subjects: await subjectsToExport(tx, actor),
    document: (await studyProtocol(tx, actor)).document,
  }));
  // A region that is none of the protocol's is a free text, which can tell who somebody is.
  const regions = new Set(document.regions.map(({ key }) => key));
  const regionOf = (region: string | null) => (region !== null && regions.has(region) ? region : null);
  const contextMm = document.imaging?.contextMm;
  const total = subjects.reduce((sum, { images }) => sum + images, 0);
  const counts = { subjects: 0, images: 0, crops: 0, held: 0 };
  /** Where each image lies in the folder. */
  const places = new Map<string, string>();
  const onImage = (id: string, path: string) => {
    places.set(id, path);
    counts.images++;
    onProgress?.({ done: counts.images + counts.held, total });
  };

  const participants: ExportedSubject[] = [];
  for (const subject of subjects) {
    const { label } = subject;
    const of = { subjectId: subject.id };
    const { exams, held, crops } = await withActor(actor, async (tx) => ({
      ...(await imagesOfSubject(tx, actor, of)),
      crops: await cropsOfSubject(tx, actor, of),
    }));
    counts.held += held;
    if (exams.length + crops.length > 0) participants.push(subject);
    if (exams.length > 0)
      await out.bytes(
        `${label}/${label}_sessions.tsv`,
        toTsv([["session_id", "quality"], ...exams.map((exam) => [exam.label, exam.quality])]),
      );
    for (const exam of exams) await putExam(out, { label, exam, onImage });
    for (const crop of crops) {
      const place = places.get(crop.source?.instanceId ?? "") ?? null;
      await putCrop(out, crop, { label, region: regionOf(crop.region), place, contextMm });
      counts.crops++;
    }
  }
  if (participants.length === 0)
    throw new AppError("not_found", { key: "errors.no_image_to_export", values: { study: study.name } });
  counts.subjects = participants.length;

  const sizes = await withActor(actor, (tx) => listMeasurements(tx, actor));
  const rows = participants.flatMap((subject) =>
    sizes
      .filter(({ subjectId }) => subjectId === subject.id)
      .map((row) => ({
        ...{ ...row, subject, region: regionOf(row.region) },
        image: places.get(row.instanceId ?? "") ?? null,
      })),
  );
  await out.table("participants", participantColumns, participants);
  await out.table("measurements", measurementColumns, rows);
  const title = study.synthetic ? `${study.name} (synthetic)` : study.name;
  const described = { BIDSVersion: bids, GeneratedBy: [{ Name: "Nodewise", Version: about.version }] };
  await out.json("dataset_description.json", { Name: title, DatasetType: "raw", ...described });
  await out.json("derivatives/crops/dataset_description.json", {
    ...{ Name: `${title}: crops`, DatasetType: "derivative", ...described },
  });
  await out.bytes("README.md", readMe(study, counts));
  const { files, sha256 } = await out.sums();

  await withActor(actor, async (tx) => {
    await hold(tx, "records of a study", actor.studyId);
    const still = new Set((await subjectsToExport(tx, actor)).map(({ id }) => id));
    if (participants.some(({ id }) => !still.has(id)))
      throw new AppError("conflict", { key: "errors.withdrawn_during_export" });
    await record(tx, "images.exported", { entity: "study", entityId: study.id, detail: { sha256, ...counts } });
  });
  return { ...counts, files, sha256 };
}

function readMe(study: KnownStudy, counts: Record<"subjects" | "images" | "crops" | "held", number>): string {
  const sections = locales.map((locale) => {
    const say = sayIn(locale);
    return [
      `# ${say({ key: "imageExport.readme.title", values: { study: study.name } })}`,
      ...(study.synthetic ? [say({ key: "imageExport.readme.synthetic" })] : []),
      say({ key: "imageExport.readme.layout" }),
      say({ key: "imageExport.readme.counts", values: counts }),
      say({ key: "imageExport.readme.identity" }),
      say({ key: "imageExport.readme.check" }),
    ].join("\n\n");
  });
  return `${sections.join("\n\n")}\n`;
}
