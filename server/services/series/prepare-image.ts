import { burnedInReasons } from "@/core/dicom/burned-in";
import { type DataSet, type DicomFile, isEncapsulated, isValue } from "@/core/dicom/data-set";
import { deidentify } from "@/core/dicom/deidentify";
import { tagOf } from "@/core/dicom/dictionary";
import { frameCount, frameOf } from "@/core/dicom/frame";
import { givenTo } from "@/core/dicom/given-to";
import type { Identity } from "@/core/dicom/identity";
import { planeOf } from "@/core/dicom/plane";
import { DicomRefusal } from "@/core/dicom/refusal";
import { acquisitionOf } from "@/core/dicom/sequence-check";
import { number, text } from "@/core/dicom/values";
import { writeDicom } from "@/core/dicom/write";
import type { imageHold, imageInstance, imageSeries } from "@/db/schema";
import { sha256 } from "@/server/sha256";
import type { UploadPlace } from "./find-upload";

/** Why a file is held, by what its header says of letters in its pixels. */
const holdOf = { said: "burned_in_flag", secondary: "secondary_capture", screen: "secondary_capture" } as const;

/** An image as it is stored: without identity, but for what is compared and then forgotten. */
export interface PreparedImage {
  file: Uint8Array;
  sha256: string;
  series: Pick<typeof imageSeries.$inferInsert, "uid" | "modality" | "number" | "description" | "parameters">;
  instance: Omit<
    typeof imageInstance.$inferInsert,
    "id" | "studyId" | "seriesId" | "uploadId" | "sha256" | "sourceDigest" | "bytes"
  >;
  identity: Identity;
  /** Why a person has to look at it, by what the file says. */
  holds: Exclude<(typeof imageHold.$inferInsert)["reason"], "letters_seen" | "not_looked_at">[];
}

/** What is known of a file that waited in the inbox, where its identity was taken away: who it said it is of, by what its dates were moved, and why it is held. */
export interface Waited {
  identity: Identity;
  days: number;
  sourceDigest: string;
  holds: PreparedImage["holds"];
}

/**
 * Takes the identity of an image away (`readDicomImage`, `readPicture`); of one that waited, it is away already. Nothing is stored here.
 * @throws DicomRefusal with the reason why it is not taken
 */
export function prepareImage(
  read: DicomFile,
  {
    options,
    key,
    digest,
    offsetDays,
    subject,
  }: Pick<UploadPlace, "options" | "key" | "digest" | "offsetDays" | "subject">,
  waited?: Waited,
): PreparedImage {
  const { data, identity } = waited
    ? { data: givenTo(read.data, { subject, days: offsetDays - waited.days }), identity: waited.identity }
    : deidentify(read.data, { options, key, offsetDays, subject });
  const [uid, seriesUid, sopClassUid] = ["SOPInstanceUID", "SeriesInstanceUID", "SOPClassUID"].map((keyword) =>
    text(data, tagOf(keyword)),
  );
  const [rows, columns] = [number(data, tagOf("Rows")), number(data, tagOf("Columns"))];
  if (!uid || !seriesUid || !sopClassUid || !rows || !columns) throw new DicomRefusal("no_image");
  const frames = frameCount(data);
  const file = writeDicom({ data, transferSyntax: read.transferSyntax });
  const { name, id, birthDate } = identity;
  const planes = Array.from({ length: frames }, (_, frame) => planeOf(frameOf(data, frame)) ?? null);
  const [first] = planes;
  const acquisition = first ? Object.entries(acquisitionOf(frameOf(data, 0), first, null)) : [];
  return {
    file,
    sha256: sha256(file),
    series: {
      uid: seriesUid,
      modality: text(data, tagOf("Modality")) ?? null,
      number: number(data, tagOf("SeriesNumber")) ?? null,
      description: text(data, tagOf("SeriesDescription")) ?? null,
      parameters: Object.fromEntries(acquisition.filter((figure): figure is [string, number] => figure[1] !== null)),
    },
    instance: {
      uid,
      frameOfReferenceUid: text(data, tagOf("FrameOfReferenceUID")) ?? null,
      sopClassUid,
      transferSyntaxUid: read.transferSyntax,
      pixelSha256: pixelHash(data),
      patientDigest: digest(JSON.stringify([name?.toLowerCase(), id, birthDate])),
      number: number(data, tagOf("InstanceNumber")) ?? null,
      ...{ frames, rows, columns },
      planes,
    },
    identity,
    holds: waited?.holds ?? [...new Set(burnedInReasons(read.data).map((reason) => holdOf[reason]))],
  };
}

function pixelHash(data: DataSet): string {
  const pixels = data.get(tagOf("PixelData"));
  if (isEncapsulated(pixels)) return sha256(Buffer.concat(pixels.fragments));
  return sha256(isValue(pixels) ? pixels.bytes : new Uint8Array());
}
