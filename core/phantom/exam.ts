import type { DataSet, Element } from "../dicom/data-set";
import { explicitLittleEndian } from "../dicom/data-set";
import { tagOf } from "../dicom/dictionary";
import { type PlaneName, toPatient } from "../dicom/plane";
import { ofShorts, ofText } from "../dicom/values";
import { along, cross, dot, minus, type Vector } from "../dicom/vector";
import { writeDicom } from "../dicom/write";
import { normal, seededRandom, seedOf } from "../random";
import type { PhantomNode } from "./study";

/** MR Image Storage, PS3.4 annex B.5. */
const mrImage = "1.2.840.10008.5.1.4.1.1.4";
const slices = 12;

interface Scan {
  plane: PlaneName;
  description: string;
  row: Vector;
  column: Vector;
  /** Pixels of a side. */
  size: number;
  pixelMm: number;
  thicknessMm: number;
  stepMm: number;
  repetitionTimeMs: number;
  echoTimeMs: number;
}

/** The sequences of the founding study (Li et al., Quant Imaging Med Surg 2021;11:2477), fewer slices of each. */
const scans: readonly Scan[] = [
  {
    ...{ plane: "sagittal", description: "T2 TSE sag phantom", row: [0, 1, 0], column: [0, 0, -1], size: 256 },
    ...{ pixelMm: 0.9375, thicknessMm: 4, stepMm: 4.4, repetitionTimeMs: 3000, echoTimeMs: 100 },
  },
  {
    ...{ plane: "axial", description: "T2 TSE ax phantom", row: [1, 0, 0], column: [0, 1, 0], size: 192 },
    ...{ pixelMm: 0.625, thicknessMm: 3.5, stepMm: 3.7, repetitionTimeMs: 3824, echoTimeMs: 110 },
  },
  {
    ...{ plane: "coronal", description: "T2 TSE cor phantom", row: [1, 0, 0], column: [0, 0, -1], size: 192 },
    ...{ pixelMm: 0.625, thicknessMm: 3, stepMm: 3.2, repetitionTimeMs: 3824, echoTimeMs: 110 },
  },
];

/** Signal of a T2-weighted image. */
const signal = { air: 20, fat: 900, muscle: 260, wall: 380, lumen: 1150, urine: 1500, bone: 620, node: 520 };
const noise = 22;

/**
 * A synthetic exam of a pelvis as a scanner would send it: T2-weighted slices in three planes that cut the same body, with the nodes beside the rectum.
 * The same options give the same bytes. Nothing here comes from a patient, and it names nobody but by the number that is given.
 * @param options.nodes round the rectum, evenly
 * @param options.hospitalNumber what the file says whose it is
 * @param options.performedOn YYYYMMDD
 * @returns files of DICOM
 */
export function scanPhantom(options: {
  seed: number;
  nodes: readonly Pick<PhantomNode, "shortAxisMm" | "positive" | "seed">[];
  hospitalNumber: string;
  performedOn: string;
}): Uint8Array[] {
  const { seed, nodes, hospitalNumber, performedOn } = options;
  const at = bodyWith(nodes, seedOf(seed, "tissue"));
  const root = `2.25.${seedOf(seed, "exam")}`;
  return scans.flatMap((scan, ordinal) =>
    Array.from({ length: slices }, (_, slice) => {
      const { row, column, size, pixelMm, stepMm } = scan;
      const across = cross(row, column);
      const corner = (-(size - 1) / 2) * pixelMm;
      const position = along(
        along(along([0, 0, 0], across, (slice - (slices - 1) / 2) * stepMm), row, corner),
        column,
        corner,
      );
      const spacing = { rows: pixelMm, columns: pixelMm, source: "patient" } as const;
      const plane = { position, row, column, normal: across, spacing, width: size, height: size };
      const random = seededRandom(seedOf(seed, scan.plane, slice));
      const pixels = new Uint16Array(size * size);
      for (let y = 0; y < size; y++)
        for (let x = 0; x < size; x++)
          pixels[y * size + x] = Math.max(0, Math.round(at(toPatient(plane, { x, y })) + noise * normal(random)));
      const series = `${root}.${ordinal + 1}`;
      return writeDicom({
        data: attributes({
          SOPClassUID: ofText("UI", mrImage),
          SOPInstanceUID: ofText("UI", `${series}.${slice + 1}`),
          SeriesInstanceUID: ofText("UI", series),
          StudyInstanceUID: ofText("UI", root),
          FrameOfReferenceUID: ofText("UI", `${root}.9`),
          Modality: ofText("CS", "MR"),
          Manufacturer: ofText("LO", "Phantom (synthetic)"),
          PatientID: ofText("LO", hospitalNumber),
          StudyDate: ofText("DA", performedOn),
          SeriesNumber: ofText("IS", String(ordinal + 1)),
          SeriesDescription: ofText("LO", scan.description),
          InstanceNumber: ofText("IS", String(slice + 1)),
          ImagePositionPatient: ofText("DS", position.map((part) => part.toFixed(4)).join("\\")),
          ImageOrientationPatient: ofText("DS", [...row, ...column].join("\\")),
          PixelSpacing: ofText("DS", `${pixelMm}\\${pixelMm}`),
          SliceThickness: ofText("DS", String(scan.thicknessMm)),
          SpacingBetweenSlices: ofText("DS", String(stepMm)),
          RepetitionTime: ofText("DS", String(scan.repetitionTimeMs)),
          EchoTime: ofText("DS", String(scan.echoTimeMs)),
          SamplesPerPixel: ofShorts([1]),
          PhotometricInterpretation: ofText("CS", "MONOCHROME2"),
          Rows: ofShorts([size]),
          Columns: ofShorts([size]),
          BitsAllocated: ofShorts([16]),
          BitsStored: ofShorts([12]),
          HighBit: ofShorts([11]),
          PixelRepresentation: ofShorts([0]),
          WindowCenter: ofText("DS", "700"),
          WindowWidth: ofText("DS", "1400"),
          PixelData: { vr: "OW", bytes: new Uint8Array(pixels.buffer) },
        }),
        transferSyntax: explicitLittleEndian,
      });
    }),
  );
}

const attributes = (given: Record<string, Element>): DataSet =>
  new Map(Object.entries(given).map(([keyword, element]) => [tagOf(keyword), element]));

/** The signal of the body at a place, mm from its middle: to the left, to the back, to the head. */
function bodyWith(nodes: readonly Pick<PhantomNode, "shortAxisMm" | "positive" | "seed">[], seed: number) {
  const coarse = solidNoise(seed, 9);
  const fine = solidNoise(seed + 1, 2.5);
  const targets = nodes.map(({ shortAxisMm, positive, seed: own }, index) => {
    const random = seededRandom(seedOf(own, "place"));
    const angle = (2 * Math.PI * index) / nodes.length + random();
    const reach = 11 + shortAxisMm / 2;
    const tilt = Math.PI * random();
    return {
      middle: [reach * Math.cos(angle), reach * Math.sin(angle) * 0.8, 16 * (random() - 0.5)] satisfies Vector,
      long: [Math.cos(tilt), Math.sin(tilt), 0] satisfies Vector,
      short: shortAxisMm / 2,
      stretch: 1.2 + 0.5 * random(),
      texture: positive ? 190 : 50,
    };
  });
  return (place: Vector): number => {
    const [x, y, z] = place;
    const body = Math.hypot(x / 105, y / 92);
    if (body > 1) return signal.air;
    if (body > 0.93) return signal.fat;
    for (const { middle, long, short, stretch, texture: own } of targets) {
      const from = minus(place, middle);
      const far = Math.abs(from[0]) + Math.abs(from[1]) + Math.abs(from[2]);
      if (far > 4 * short) continue;
      const lengthwise = dot(from, long);
      const sideways = Math.sqrt(Math.max(0, dot(from, from) - lengthwise ** 2));
      if (Math.hypot(lengthwise / (short * stretch), sideways / short) <= 1) return signal.node + own * fine(place);
    }
    const texture = coarse(place);
    const rectum = Math.hypot(x - 1.5 * Math.sin(z / 15), y - 1.5 * Math.cos(z / 20));
    if (rectum < 5) return signal.lumen + 60 * texture;
    if (rectum < 8.5) return signal.wall + 60 * texture;
    if (Math.hypot(x / 32, (y - 3) / 27) < 1) return signal.fat + 70 * texture - 260 * Math.max(0, fine(place) - 0.55);
    if (Math.hypot(x / 34, (y + 55) / 22, z / 38) < 1) return signal.urine;
    if (Math.hypot(x / 26, (y - 55) / 16) < 1) return signal.bone + 130 * texture;
    return (Math.hypot((Math.abs(x) - 70) / 26, y / 44) < 1 ? signal.bone : signal.muscle) + 80 * texture;
  };
}

/** Smooth value noise in space, -1 to 1. @param cell mm between the points of its lattice */
function solidNoise(seed: number, cell: number): (place: Vector) => number {
  const side = 64;
  const random = seededRandom(seed);
  const lattice = Float32Array.from({ length: side ** 3 }, () => 2 * random() - 1);
  const value = (x: number, y: number, z: number) =>
    lattice[(x & (side - 1)) + side * ((y & (side - 1)) + side * (z & (side - 1)))] ?? 0;
  const smooth = (t: number) => t * t * (3 - 2 * t);
  const between = (a: number, b: number, share: number) => a + (b - a) * share;
  return ([px, py, pz]) => {
    const [x, y, z] = [Math.floor(px / cell), Math.floor(py / cell), Math.floor(pz / cell)];
    const [u, v, w] = [smooth(px / cell - x), smooth(py / cell - y), smooth(pz / cell - z)];
    const line = (dy: number, dz: number) => between(value(x, y + dy, z + dz), value(x + 1, y + dy, z + dz), u);
    return between(between(line(0, 0), line(1, 0), v), between(line(0, 1), line(1, 1), v), w);
  };
}
