import { knownImages, network, opinionsOfReaders } from "@/core/stats/comparison/opinions";
import { bytesOf } from "@/core/text/archive";
import { naturalOrder } from "@/core/text/natural-order";
import { workbook } from "@/core/text/workbook";
import { toCsv } from "@/server/tables/to-csv";
import type { BundleTables } from "./make-bundle";

/** One rating of one image: a reader in a condition, or the network. */
interface Rating {
  reader: string;
  modality: string;
  image: string;
  rating: number;
}

/**
 * The ratings as other programs read them: iMRMC, RJafroc and MRMCaov. These know readers and modalities (here: conditions) and no network: its scores
 * stand as a modality of every reader, which is how a network is compared with readers there. A second occasion is no reading of its own and is left out.
 */
export function inOtherPrograms({ images, reads, scores }: BundleTables): [string, Uint8Array][] {
  const known = knownImages(
    images.map(({ image, patient, node, truth }) => ({ id: image, subject: patient, node: String(node), truth })),
    "patient",
  );
  const conditions = [...new Set(reads.map(({ condition }) => condition))];
  const first = reads.filter(({ occasion }) => occasion === 1);
  const rated = opinionsOfReaders(first, known, conditions).flatMap(({ reader, condition, ratings }) =>
    [...known.places].flatMap(([image, place]): Rating[] => {
      const rating = ratings[place] ?? Number.NaN;
      return Number.isNaN(rating) ? [] : [{ reader, modality: condition, image, rating }];
    }),
  );
  const readers = [...new Set(rated.map(({ reader }) => reader))].sort(naturalOrder);
  const ofNetwork = readers.flatMap((reader) =>
    scores.map(({ image, score }): Rating => ({ reader, modality: network, image, rating: score })),
  );
  const ratings = [...rated, ...ofNetwork];
  const truthOf = new Map(images.map(({ image, truth }) => [image, truth]));
  return [
    ["imrmc/study.imrmc", bytesOf(imrmc(images, ratings, readers))],
    ["rjafroc/study.xlsx", rjafroc(images, ratings, readers)],
    [
      "mrmcaov/study.csv",
      bytesOf(
        toCsv(
          ratings.map(({ reader, modality, image, rating }) => ({
            reader,
            test: modality,
            case: image,
            truth: truthOf.get(image) ?? null,
            rating,
          })),
          ["reader", "test", "case", "truth", "rating"],
        ),
      ),
    ],
  ];
}

type Images = BundleTables["images"];

/** A text file: what it holds, then `readerID,caseID,modalityID,score`, the truth as reader -1. */
function imrmc(images: Images, ratings: readonly Rating[], readers: readonly string[]): string {
  const positive = images.filter(({ truth }) => truth === 1).length;
  const modalities = new Set(ratings.map(({ modality }) => modality)).size;
  return [
    "Nodewise",
    `NR: ${readers.length}`,
    `N0: ${images.length - positive}`,
    `N1: ${positive}`,
    `NM: ${modalities}`,
    "BEGIN DATA:",
    ...images.map(({ image, truth }) => `-1,${image},truth,${truth}`),
    ...ratings.map(({ reader, image, modality, rating }) => `${reader},${image},${modality},${rating}`),
    "",
  ].join("\n");
}

/** A workbook of the sheets FP, TP and TRUTH, as ROC data of a design in which everybody may read everything; cases are numbered. */
function rjafroc(images: Images, ratings: readonly Rating[], readers: readonly string[]): Uint8Array {
  const caseOf = new Map(images.map(({ image, truth }, at) => [image, { number: at + 1, truth }]));
  const modalities = [...new Set(ratings.map(({ modality }) => modality))];
  const ofTruth = (truth: 0 | 1) => ratings.filter(({ image }) => caseOf.get(image)?.truth === truth);
  const numberOf = (image: string) => caseOf.get(image)?.number ?? 0;
  return workbook([
    {
      name: "FP",
      rows: [
        ["ReaderID", "ModalityID", "CaseID", "FP_Rating"],
        ...ofTruth(0).map(({ reader, modality, image, rating }) => [reader, modality, numberOf(image), rating]),
      ],
    },
    {
      name: "TP",
      rows: [
        ["ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating"],
        ...ofTruth(1).map(({ reader, modality, image, rating }) => [reader, modality, numberOf(image), 1, rating]),
      ],
    },
    {
      name: "TRUTH",
      rows: [
        ["CaseID", "LesionID", "Weight", "ReaderID", "ModalityID", "Paradigm"],
        ...images.map(({ truth }, at) => [
          at + 1,
          truth,
          truth,
          readers.join(", "),
          modalities.join(", "),
          // The first two rows say what the data are and by what design.
          ["ROC", "FCTRL"][at] ?? null,
        ]),
      ],
    },
  ]);
}
