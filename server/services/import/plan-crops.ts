import { randomUUID } from "node:crypto";
import { lookAlike } from "@/core/imaging/near-duplicates";
import type { ItemValue } from "@/core/protocol/values";
import type { Said } from "@/core/words";
import type {
  baselineValue,
  crop,
  cropCanvas,
  node,
  nodeMatch,
  nodeSize,
  pathologyReport,
  specimen,
  subject,
} from "@/db/schema";
import { readSignature } from "@/server/image-signature";
import { canvasOf } from "@/server/services/imaging/canvas-of";
import type { StoredObject } from "@/server/store";
import type { RowProblem } from "@/server/tables/parse-table";
import { cropKey, nodeKey } from "@/server/tables/places";
import type { DecodedRow } from "./decode-files";
import type { StudyRecords } from "./study-records";

/** The rows that an import would add to each table. */
export interface CropsPlan {
  subjects: (typeof subject.$inferInsert)[];
  values: (typeof baselineValue.$inferInsert)[];
  nodes: (typeof node.$inferInsert)[];
  sizes: (typeof nodeSize.$inferInsert)[];
  objects: StoredObject[];
  crops: (typeof crop.$inferInsert)[];
  canvases: (typeof cropCanvas.$inferInsert)[];
  specimens: (typeof specimen.$inferInsert)[];
  matches: (typeof nodeMatch.$inferInsert)[];
  reports: (typeof pathologyReport.$inferInsert)[];
}

type Picture = NonNullable<DecodedRow["picture"]>;
type KnownCrop = StudyRecords["crops"] extends ReadonlyMap<string, infer Known> ? Known : never;

/** The image that is there, as this or an earlier version kept it. */
const isThere = (known: KnownCrop, { image, pixelSha256AsColour }: Picture): boolean =>
  known.pixelSha256 !== null &&
  (known.pixelSha256 === image.pixelSha256 ||
    known.pixelSha256 === pixelSha256AsColour ||
    isScaledDownFrom(known, image));

/** A crop from before originals were kept, of which only the smaller picture is there: it came in the size of this image and looks like it. */
function isScaledDownFrom(known: KnownCrop, image: Picture["image"]): boolean {
  if (known.scaledFromWidth !== image.width || known.scaledFromHeight !== image.height) return false;
  return (
    known.signature !== null &&
    image.signature !== null &&
    lookAlike(readSignature(known.signature), readSignature(image.signature))
  );
}

/**
 * Works out what a manifest adds to what the study holds. A row that says what is there already adds nothing; one that says
 * something else is a problem: an import never replaces a record.
 * @param decoded rows in manifest order that do not contradict each other; the records are completed with what is planned
 */
export function planCrops(
  decoded: readonly DecodedRow[],
  records: StudyRecords,
  of: { studyId: string; protocolVersionId: string },
) {
  const { studyId } = of;
  const plan: CropsPlan = {
    subjects: [],
    values: [],
    nodes: [],
    sizes: [],
    objects: [],
    crops: [],
    canvases: [],
    specimens: [],
    matches: [],
    reports: [],
  };
  const problems: RowProblem[] = [];
  const enrolledAt = new Date();
  let unchanged = 0;

  for (const each of decoded) {
    const {
      row: { row, value, items },
      picture,
      files,
    } = each;
    const refuse = (reason: Said) => problems.push({ row, reason });
    const subjectId = placeSubject(value.subject);
    if (records.subjects.get(value.subject)?.status !== "enrolled")
      refuse({ key: "errors.import_not_enrolled", values: { subject: value.subject } });
    placeValues(subjectId);
    const nodeId = placeNode(subjectId);
    placeSize(nodeId);
    placeTruth(subjectId, nodeId);
    placeCrop(nodeId);

    function placeSubject(number: string): string {
      const known = records.subjects.get(number);
      if (known) return known.id;
      const added = { id: randomUUID(), studyId, number, status: "enrolled" as const, enrolledAt };
      records.subjects.set(number, added);
      plan.subjects.push(added);
      return added.id;
    }

    function placeValues(subjectId: string): void {
      const known = records.values.get(subjectId) ?? new Map<string, ItemValue>();
      records.values.set(subjectId, known);
      for (const [itemKey, says] of Object.entries(items)) {
        const is = known.get(itemKey);
        if (is === undefined) {
          known.set(itemKey, says);
          plan.values.push({ ...of, subjectId, itemKey, value: says });
        } else if (is !== says)
          refuse({
            key: "errors.contradicts_study_subject",
            values: { field: itemKey, here: says, recorded: is, subject: value.subject },
          });
      }
    }

    function placeNode(subjectId: string): string {
      const known = records.nodes.get(nodeKey(value));
      if (known) {
        if (value.region !== undefined && known.region !== null && known.region !== value.region)
          refuse({
            key: "errors.contradicts_study_node",
            values: { field: "region", here: value.region, recorded: known.region, node: value.node },
          });
        return known.id;
      }
      const ordinal = (records.highestOrdinal.get(subjectId) ?? 0) + 1;
      records.highestOrdinal.set(subjectId, ordinal);
      const added = { id: randomUUID(), studyId, subjectId, ordinal, label: value.node, region: value.region ?? null };
      records.nodes.set(nodeKey(value), { ...added, subject: value.subject, node: value.node });
      plan.nodes.push(added);
      return added.id;
    }

    function placeSize(nodeId: string): void {
      if (value.sa_mm === undefined) return;
      const known = records.sizes.get(nodeId);
      if (known && known.shortAxisMm !== value.sa_mm)
        refuse({
          key: "errors.contradicts_study_node",
          values: { field: "sa_mm", here: `${value.sa_mm} mm`, recorded: `${known.shortAxisMm} mm`, node: value.node },
        });
      if (known) return;
      const added = { studyId, nodeId, shortAxisMm: value.sa_mm };
      records.sizes.set(nodeId, added);
      plan.sizes.push(added);
    }

    function placeTruth(subjectId: string, nodeId: string): void {
      if (value.truth === undefined) return;
      const result = value.truth ? ("positive" as const) : ("negative" as const);
      const known = records.reports.get(nodeId);
      if (known && known.result !== result)
        refuse({
          key: "errors.contradicts_pathology",
          values: { here: result, recorded: known.result, node: value.node },
        });
      if (known) return;
      records.reports.set(nodeId, { nodeId, result });
      const key = JSON.stringify([subjectId, value.node]);
      const found = records.specimens.get(key);
      const specimenId = found?.id ?? randomUUID();
      if (!found) {
        const added = { id: specimenId, studyId, subjectId, label: value.node };
        records.specimens.set(key, added);
        plan.specimens.push(added);
      }
      const matchId = randomUUID();
      plan.matches.push({ id: matchId, studyId, nodeId, specimenId, confidence: "certain" });
      plan.reports.push({ studyId, nodeId, matchId, result });
    }

    function placeCrop(nodeId: string): void {
      const known = records.crops.get(cropKey(value));
      if (known) {
        if (!picture || isThere(known, picture)) unchanged += 1;
        else
          refuse({
            key: "errors.image_there",
            values: { plane: value.plane, node: value.node, subject: value.subject },
          });
        return;
      }
      const { canvasSha256: _, ...ofCrop } = picture?.image ?? {};
      const added = { id: randomUUID(), studyId, nodeId, plane: value.plane, ...ofCrop };
      const { subject, node } = value;
      const shown = { pixelSha256: null, signature: null, scaledFromWidth: null, scaledFromHeight: null };
      records.crops.set(cropKey(value), { ...shown, ...added, subject, node });
      plan.crops.push(added);
      if (picture) plan.canvases.push(canvasOf(added, picture.image));
      for (const { sha256, bytes } of files) {
        if (!records.objects.has(sha256)) plan.objects.push({ sha256, bytes });
        records.objects.add(sha256);
      }
    }
  }
  return { plan, problems, unchanged };
}
