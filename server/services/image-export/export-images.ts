import type { Readable } from "node:stream";
import { locales, type Said, sayIn } from "@/core/words";
import { hold } from "@/db/locks";
import about from "@/package.json";
import { record } from "@/server/audit";
import { type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { KnownStudy } from "@/server/schemas/study";
import { listMeasurements } from "@/server/services/series/list-measurements";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { store } from "@/server/store";
import { toTsv } from "@/server/tables/to-tsv";
import { type Column, type MeasurementRow, measurementColumns, participantColumns } from "./columns";
import { cropsOfSubject } from "./crops-of-subject";
import { imagesOfSubject } from "./images-of-subject";
import { subjectsToExport } from "./subjects-to-export";

/** Takes a file of the folder: its path in it, with slashes, of letters, digits, dots, hyphens and underscores. A stream is read to its end before the next file. */
type Put = (path: string, content: string | Readable) => Promise<void>;

/** The release of the Brain Imaging Data Structure after whose manner the folder is laid out. */
const bids = "1.10.0";

/**
 * The images of a locked study for other programs, laid out like BIDS: each image from the scanner as its de-identified file, each crop as it is stored with where
 * it was cut, and the sizes with their ends. Nobody who withdrew the use, no excluded node and no held image is in it. A subject at a time is in memory, and a file
 * never is.
 * @param options.put takes the files one after the other; what it took counts once this is done, and not before
 * @throws AppError "not_found" where there is no image, "conflict" when somebody withdrew meanwhile, "unavailable" for a stored file that is missing or damaged,
 * and what `put` fails with
 */
export async function exportImages(
  actor: StudyActor,
  study: KnownStudy,
  { put, onProgress }: { put: Put; onProgress?: (at: { done: number; total: number }) => void },
) {
  const sums: string[] = [];
  const putText = async (path: string, text: string) => {
    sums.push(`${sha256(text)}  ${path}\n`);
    await put(path, text);
  };
  const putJson = (path: string, value: unknown) => putText(path, `${JSON.stringify(value, null, 2)}\n`);
  const putTable = async <Row>(name: string, columns: readonly Column<Row>[], rows: readonly Row[]) => {
    const header = columns.map((column) => column.name);
    await putText(`${name}.tsv`, toTsv([header, ...rows.map((row) => columns.map(({ of }) => of(row)))]));
    const described = columns.map(({ name, meaning, units }) => [
      name,
      { Description: inEach(meaning).join(" / "), ...(units ? { Units: units } : {}) },
    ]);
    await putJson(`${name}.json`, Object.fromEntries(described));
  };
  const putStored = async (path: string, name: string) => {
    sums.push(`${name}  ${path}\n`);
    await put(path, (await store.get(name)).stream);
  };

  const { subjects, regions } = await withActor(actor, async (tx) => ({
    subjects: await subjectsToExport(tx, actor),
    regions: new Set((await studyProtocol(tx, actor)).document.regions.map(({ key }) => key)),
  }));
  // A region that is none of the protocol's is a free text, which can tell who somebody is.
  const regionOf = (region: string | null) => (region !== null && regions.has(region) ? region : null);
  const total = subjects.reduce((sum, { images }) => sum + images, 0);
  const counts = { subjects: subjects.length, images: 0, crops: 0, held: 0 };
  /** Where each image lies in the folder. */
  const places = new Map<string, string>();

  for (const subject of subjects) {
    const { label } = subject;
    const { exams, held, crops } = await withActor(actor, async (tx) => ({
      ...(await imagesOfSubject(tx, actor, { subjectId: subject.id })),
      crops: await cropsOfSubject(tx, actor, { subjectId: subject.id }),
    }));
    counts.held += held;
    const taken = exams.filter(({ stacks }) => stacks.length > 0);
    if (taken.length > 0)
      await putText(
        `${label}/${label}_sessions.tsv`,
        toTsv([["session_id", "quality"], ...taken.map((exam) => [exam.label, exam.quality])]),
      );
    for (const exam of taken)
      for (const { name, about, images } of exam.stacks) {
        const stem = `${label}_${exam.label}_${name}`;
        const folder = `${label}/${exam.label}/${name}`;
        await putJson(`${folder}/${stem}.json`, about);
        const digits = Math.max(4, String(images.length).length);
        for (const [at, image] of images.entries()) {
          const path = `${folder}/${stem}_${String(at + 1).padStart(digits, "0")}.dcm`;
          places.set(image.id, path);
          await putStored(path, image.sha256);
          counts.images++;
          onProgress?.({ done: counts.images + counts.held, total });
        }
      }
    for (const { sha256: shown, originalSha256, bitDepth, source, ...crop } of crops) {
      if (shown === null) continue;
      const stem = `derivatives/crops/${label}/${label}_node-${String(crop.node).padStart(2, "0")}_plane-${crop.plane}`;
      const pictures = [
        { bits: 8, sha256: shown },
        ...(bitDepth === 16 && originalSha256 !== null ? [{ bits: 16, sha256: originalSha256 }] : []),
      ].map((picture) => ({ ...picture, file: `${stem}_${picture.bits}bit.png` }));
      for (const picture of pictures) await putStored(picture.file, picture.sha256);
      await putJson(`${stem}.json`, {
        ...{ participant: label, node: crop.node, region: regionOf(crop.region), plane: crop.plane },
        ...{ width: crop.width, height: crop.height },
        pictures: pictures.map(({ file, ...picture }) => ({
          file: file.slice(file.lastIndexOf("/") + 1),
          ...picture,
          ...(picture.bits === 16 ? { levelsShown: { low: crop.windowLow, high: crop.windowHigh } } : {}),
        })),
        source: source && {
          ...{ file: places.get(source.instanceId) ?? null, sopInstanceUid: crop.sopInstanceUid, frame: source.frame },
          boxPixels: {
            ...{ left: source.boxLeft, top: source.boxTop, width: source.boxWidth, height: source.boxHeight },
          },
          window: { low: source.windowLow, high: source.windowHigh },
          spacingMm: { rows: source.rowSpacing, columns: source.columnSpacing },
        },
      });
      counts.crops++;
    }
  }
  if (counts.images + counts.crops === 0)
    throw new AppError("not_found", { key: "errors.no_image_to_export", values: { study: study.name } });

  const measurements = await withActor(actor, (tx) => listMeasurements(tx, actor));
  const subjectOf = new Map(subjects.map((subject) => [subject.id, subject]));
  const rows = measurements.flatMap((row): MeasurementRow[] => {
    const subject = subjectOf.get(row.subjectId);
    const image = row.instanceId === null ? null : (places.get(row.instanceId) ?? null);
    return subject ? [{ ...row, subject, region: regionOf(row.region), image }] : [];
  });
  rows.sort((a, b) => subjects.indexOf(a.subject) - subjects.indexOf(b.subject));
  await putTable("participants", participantColumns, subjects);
  await putTable("measurements", measurementColumns, rows);

  const title = study.synthetic ? `${study.name} (synthetic)` : study.name;
  const described = { BIDSVersion: bids, GeneratedBy: [{ Name: "Nodewise", Version: about.version }] };
  await putJson("dataset_description.json", { Name: title, DatasetType: "raw", ...described });
  await putJson("derivatives/crops/dataset_description.json", {
    ...{ Name: `${title}: crops`, DatasetType: "derivative", ...described },
  });
  await putText("README.md", readMe(study, counts));
  sums.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1));
  const allSums = sums.join("");
  await put("SHA256SUMS", allSums);

  await withActor(actor, async (tx) => {
    await hold(tx, "records of a study", actor.studyId);
    const still = new Set((await subjectsToExport(tx, actor)).map(({ id }) => id));
    if (subjects.some(({ id }) => !still.has(id)))
      throw new AppError("conflict", { key: "errors.withdrawn_during_export" });
    await record(tx, "images.exported", {
      entity: "study",
      entityId: study.id,
      detail: { sha256: sha256(allSums), ...counts },
    });
  });
  return { ...counts, files: sums.length + 1, sha256: sha256(allSums) };
}

const inEach = (said: Said): string[] => locales.map((locale) => sayIn(locale)(said));

function readMe(study: KnownStudy, { subjects, images, crops, held }: Record<string, number>): string {
  const sections = locales.map((locale) => {
    const say = sayIn(locale);
    return [
      `# ${say({ key: "imageExport.readme.title", values: { study: study.name } })}`,
      ...(study.synthetic ? [say({ key: "imageExport.readme.synthetic" })] : []),
      say({ key: "imageExport.readme.layout" }),
      say({
        key: "imageExport.readme.counts",
        values: { subjects: subjects ?? 0, images: images ?? 0, crops: crops ?? 0, held: held ?? 0 },
      }),
      say({ key: "imageExport.readme.identity" }),
      say({ key: "imageExport.readme.check" }),
    ].join("\n\n");
  });
  return `${sections.join("\n\n")}\n`;
}
