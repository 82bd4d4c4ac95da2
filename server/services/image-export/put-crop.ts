import { cutContext } from "@/server/services/series/cut-context";
import type { cropsOfSubject } from "./crops-of-subject";
import type { Outgoing } from "./outgoing";

type ExportedCrop = Awaited<ReturnType<typeof cropsOfSubject>>[number];

interface Picture {
  file: string;
  bits: number;
  sha256: string;
}

/**
 * A crop as it is stored, where the protocol asks for it with its context, and where it was cut.
 * @param about.place of the image from which it was cut, in the folder
 * @param about.region one of the protocol's
 */
export async function putCrop(
  out: Outgoing,
  crop: ExportedCrop,
  about: { label: string; region: string | null; place: string | null; contextMm: number | undefined },
): Promise<void> {
  const { label, region, place, contextMm } = about;
  const { node, plane, width, height, source, image } = crop;
  const folder = `derivatives/crops/${label}`;
  const stem = `${label}_node-${String(node).padStart(2, "0")}_plane-${plane}`;
  const pictures: Picture[] = [
    { file: `${stem}_8bit.png`, bits: 8, sha256: crop.sha256 },
    ...(crop.bitDepth === 16 && crop.originalSha256 !== null
      ? [{ file: `${stem}_16bit.png`, bits: 16, sha256: crop.originalSha256 }]
      : []),
  ];
  for (const { file, sha256 } of pictures) await out.stored(`${folder}/${file}`, sha256);
  const cut = source && {
    frame: source.frame,
    box: { left: source.boxLeft, top: source.boxTop, width: source.boxWidth, height: source.boxHeight },
    window: { low: source.windowLow, high: source.windowHigh },
  };
  const context =
    contextMm !== undefined && cut && image ? await cutContext({ sha256: image.sha256, ...cut }, contextMm) : null;
  const around: Picture[] = [];
  for (const [bits, sha256] of context
    ? ([
        [8, context.image.sha256],
        [16, context.image.originalSha256],
      ] as const)
    : []) {
    const file = `${stem}_context_${bits}bit.png`;
    const bytes = context?.files.find((each) => each.sha256 === sha256)?.bytes;
    if (bytes) await out.bytes(`${folder}/${file}`, bytes);
    around.push({ file, bits, sha256 });
  }
  await out.json(`${folder}/${stem}.json`, {
    ...{ participant: label, node, region, plane, width, height, pictures },
    levelsShown: crop.windowLow === null ? null : { low: crop.windowLow, high: crop.windowHigh },
    source: source && {
      ...{ file: place, sopInstanceUid: image?.sopInstanceUid, frame: source.frame },
      ...{ boxPixels: cut?.box, window: cut?.window },
      spacingMm: { rows: source.rowSpacing, columns: source.columnSpacing },
    },
    ...(contextMm === undefined
      ? {}
      : { context: context && { marginMm: contextMm, boxPixels: context.box, pictures: around } }),
  });
}
