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
 * stand as a modality of every reader on the images of that reader, which is how a network is compared with readers there. A second occasion is no reading of
 * its own and is left out. RJafroc takes a rating of every image by every reader in every modality and nothing else: its workbook has the images and readers of
 * whom that is true, and is left out where there are too few.
 */
export function inOtherPrograms({ images, reads, scores }: BundleTables): [string, Uint8Array][] {
  const known = knownImages(
    images.map(({ image, patient, node, truth }) => ({ id: image, subject: patient, node: String(node), truth })),
    "patient",
  );
  const conditions = [...new Set(reads.map(({ condition }) => condition))];
  const first = reads.filter(({ occasion }) => occasion === 1);
  const codes = codesOf([...new Set(first.map(({ reader }) => reader))]);
  const coded = first.map((read) => ({ ...read, reader: codes.get(read.reader) ?? read.reader }));
  const rated = opinionsOfReaders(coded, known, conditions).flatMap(({ reader, condition, ratings }) =>
    [...known.places].flatMap(([image, place]): Rating[] => {
      const rating = ratings[place] ?? Number.NaN;
      return Number.isNaN(rating) ? [] : [{ reader, modality: condition, image, rating }];
    }),
  );
  const readers = [...new Set(rated.map(({ reader }) => reader))].sort(naturalOrder);
  const ratedBy = new Set(rated.map(({ reader, image }) => JSON.stringify([reader, image])));
  const ofNetwork = readers.flatMap((reader) =>
    scores
      .filter(({ image }) => ratedBy.has(JSON.stringify([reader, image])))
      .map(({ image, score }): Rating => ({ reader, modality: network, image, rating: score })),
  );
  const ratings = [...rated, ...ofNetwork];
  const complete = completeCases(images, ratings);
  const truthOf = new Map(images.map(({ image, truth }) => [image, truth]));
  return [
    ["imrmc/study.imrmc", bytesOf(imrmc(images, ratings, readers))],
    ...(complete ? [["rjafroc/study.xlsx", rjafroc(complete)] satisfies [string, Uint8Array]] : []),
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

/** The codes of readers as these programs take them: blanks and commas end a word there, and the truth is a reader by name. */
function codesOf(readers: readonly string[]): Map<string, string> {
  const taken = new Set(["truth", "-1"]);
  return new Map(
    readers.toSorted(naturalOrder).map((reader) => {
      const plain = reader.replace(/[\s,"]+/g, "_");
      let code = plain;
      for (let n = 2; taken.has(code); n++) code = `${plain}_${n}`;
      taken.add(code);
      return [reader, code];
    }),
  );
}

/** The readers who rated in every modality and the images that all of them rated in each; null unless there are two readers and two images of either class. */
function completeCases(images: Images, ratings: readonly Rating[]): Cases | null {
  const modalities = [...new Set(ratings.map(({ modality }) => modality))];
  const modalitiesOf = new Map<string, Set<string>>();
  for (const { reader, modality } of ratings)
    modalitiesOf.set(reader, (modalitiesOf.get(reader) ?? new Set()).add(modality));
  const readers = [...modalitiesOf].filter(([, own]) => own.size === modalities.length).map(([reader]) => reader);
  const all = ratings.filter(({ reader }) => readers.includes(reader));
  const counts = new Map<string, number>();
  for (const { image } of all) counts.set(image, (counts.get(image) ?? 0) + 1);
  const cases = images
    .map(({ image, truth }, at) => ({ image, truth, number: at + 1 }))
    .filter(({ image }) => counts.get(image) === readers.length * modalities.length);
  const positive = cases.filter(({ truth }) => truth === 1).length;
  return readers.length < 2 || Math.min(positive, cases.length - positive) < 2
    ? null
    : { cases, ratings: all, readers, modalities };
}

interface Cases {
  cases: readonly { image: string; truth: 0 | 1; number: number }[];
  ratings: readonly Rating[];
  readers: readonly string[];
  modalities: readonly string[];
}

/** A text file: what it holds, then `readerID,caseID,modalityID,score`, the truth as reader `truth`: the R package knows no other name of it. */
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
    ...images.map(({ image, truth }) => `truth,${image},truth,${truth}`),
    ...ratings.map(({ reader, image, modality, rating }) => `${reader},${image},${modality},${rating}`),
    "",
  ].join("\n");
}

/** A workbook of the sheets FP, TP and TRUTH, as ROC data of a factorial design; cases have the numbers of their images. */
function rjafroc({ cases, ratings, readers, modalities }: Cases): Uint8Array {
  const caseOf = new Map(cases.map((each) => [each.image, each]));
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
        ...cases.map(({ truth, number }, at) => [
          number,
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
