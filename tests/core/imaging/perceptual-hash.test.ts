import { existsSync, readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import {
  findNearDuplicates,
  lookAlike,
  nearDuplicateCorrelation,
  nearDuplicateDistance,
} from "@/core/imaging/near-duplicates";
import {
  bitsSet,
  type GreyImage,
  hammingDistance,
  type ImageSignature,
  imageSignature,
  thumbnailSide,
} from "@/core/imaging/perceptual-hash";
import { drawNode } from "@/core/phantom/node";

const hash = fc.array(fc.constantFrom(..."0123456789abcdef"), { minLength: 16, maxLength: 16 }).map((d) => d.join(""));
const drawn = (seed: number, shortAxisMm = 5): GreyImage =>
  drawNode({ seed, plane: "axial", positive: seed % 2 === 0, shortAxisMm });
const image = (width: number, height: number, grey: (x: number, y: number) => number): GreyImage => ({
  width,
  height,
  pixels: Uint8Array.from({ length: width * height }, (_, i) => grey(i % width, Math.floor(i / width))),
});
const changed = ({ pixels, ...size }: GreyImage, grey: (value: number) => number): GreyImage => ({
  ...size,
  pixels: pixels.map((value) => Math.min(255, Math.max(0, Math.round(grey(value))))),
});
const toSharp = ({ pixels, width, height }: GreyImage) => sharp(pixels, { raw: { width, height, channels: 1 } });

async function fromFile(bytes: Uint8Array): Promise<GreyImage> {
  const decoded = await sharp(bytes)
    .flatten({ background: "#000" })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { pixels: new Uint8Array(decoded.data), width: decoded.info.width, height: decoded.info.height };
}

function signed(image: GreyImage): ImageSignature {
  const signature = imageSignature(image);
  if (!signature) throw new Error("no signature");
  return signature;
}

const areFound = (a: GreyImage, b: GreyImage) =>
  findNearDuplicates([
    { id: "a", signature: signed(a) },
    { id: "b", signature: signed(b) },
  ]).length === 1;

describe("the signature of an image", () => {
  it("is 16 hex digits and a thumbnail, for the smallest crops as well", () => {
    const { hash, thumbnail } = signed(image(20, 21, (x, y) => (Math.hypot(x - 10, y - 10) < 6 ? 90 : 170)));
    expect(hash).toMatch(/^[0-9a-f]{16}$/);
    expect(thumbnail).toHaveLength(thumbnailSide ** 2);
    expect(signed(image(1, 2, (_, y) => 200 * y)).hash).toMatch(/^[0-9a-f]{16}$/);
  });

  it("has the transform's signs as bits: a naive DCT by the definition gives the same hash", () => {
    for (let seed = 0; seed < 5; seed++) {
      const side = thumbnailSide;
      const { pixels } = drawn(seed, 12);
      const grey = image(side, side, (x, y) => pixels[17 * y + x] ?? 0);
      const frequencies = Array.from({ length: 64 }, (_, i) => {
        let sum = 0;
        for (let y = 0; y < side; y++)
          for (let x = 0; x < side; x++)
            sum +=
              (grey.pixels[y * side + x] ?? 0) *
              Math.cos((Math.PI * (2 * x + 1) * (i % 8)) / (2 * side)) *
              Math.cos((Math.PI * (2 * y + 1) * Math.floor(i / 8)) / (2 * side));
        return sum;
      });
      const median = frequencies.slice(1).sort((a, b) => a - b)[31] ?? Number.NaN;
      const bits = frequencies.map((frequency) => (frequency > median ? "1" : "0")).join("");
      expect(signed(grey).hash).toBe(BigInt(`0b${bits}`).toString(16).padStart(16, "0"));
      expect(signed(grey).thumbnail).toEqual(grey.pixels);
    }
  });

  it("is the same whatever the brightness, and close at another contrast or gamma", () => {
    for (let seed = 0; seed < 10; seed++) {
      const original = changed(drawn(seed), (value) => 40 + 0.6 * value);
      expect(hammingDistance(signed(original).hash, signed(changed(original, (value) => value + 20)).hash)).toBe(0);
      expect(
        areFound(
          original,
          changed(original, (value) => 0.8 * value),
        ),
      ).toBe(true);
      expect(
        areFound(
          original,
          changed(original, (value) => 255 * (value / 255) ** 0.8),
        ),
      ).toBe(true);
    }
  });

  it("finds re-encoded and rescaled crops again, and does not take one node for another", async () => {
    for (let seed = 0; seed < 10; seed++) {
      const original = drawn(seed, 8);
      const { width, height } = original;
      expect(areFound(original, await fromFile(await toSharp(original).jpeg({ quality: 75 }).toBuffer()))).toBe(true);
      const half = toSharp(original).resize(Math.round(width / 2), Math.round(height / 2), { fit: "fill" });
      expect(areFound(original, await fromFile(await half.png().toBuffer()))).toBe(true);
      expect(areFound(original, drawn(seed + 10, 8))).toBe(false);
    }
  });

  it("is left out where there is too little contrast, and a faint node keeps its own", () => {
    const node = (depth: number) => image(30, 30, (x, y) => (Math.hypot(x - 15, y - 15) < 8 ? 120 - depth : 120));
    expect(imageSignature(node(0))).toBeUndefined();
    expect(imageSignature(node(3))).toBeUndefined();
    expect(imageSignature(node(12))).toBeDefined();
    expect(imageSignature(image(40, 40, (x) => 100 + Math.round(x / 10)))).toBeUndefined();
    expect(imageSignature(image(40, 40, (x) => 100 + x))).toBeDefined();
  });

  it("is refused for pixels that do not fill the image", () => {
    expect(() => imageSignature({ pixels: new Uint8Array(5), width: 2, height: 3 })).toThrow("5 pixels");
    expect(() => imageSignature({ pixels: new Uint8Array(), width: 0, height: 3 })).toThrow(RangeError);
    expect(() => imageSignature({ pixels: new Uint8Array(6), width: 2, height: 3 })).not.toThrow();
  });
});

describe("the distance of two hashes", () => {
  it("is a distance, and counts the bits that a comparison digit by digit counts", () => {
    fc.assert(
      fc.property(hash, hash, hash, (a, b, c) => {
        const naive = (BigInt(`0x${a}`) ^ BigInt(`0x${b}`)).toString(2).replaceAll("0", "").length;
        expect(hammingDistance(a, b)).toBe(naive);
        expect(hammingDistance(b, a)).toBe(naive);
        expect(hammingDistance(a, a)).toBe(0);
        expect(hammingDistance(a, c)).toBeLessThanOrEqual(naive + hammingDistance(b, c));
      }),
    );
    expect(hammingDistance("0".repeat(16), "f".repeat(16))).toBe(64);
    expect(bitsSet(-1)).toBe(32);
  });

  it("is refused for what is no hash", () => {
    expect(() => hammingDistance("0123", "0".repeat(16))).toThrow("16 hex digits");
    expect(() => hammingDistance("0".repeat(16), "x".repeat(16))).toThrow("16 hex digits");
  });
});

describe("near-duplicates", () => {
  it("are found once each, in whatever order, with distance and correlation inside the limits", () => {
    const crops = Array.from({ length: 12 }, (_, i) => ({ id: `c${i}`, signature: signed(drawn(i)) }));
    const copies = crops.slice(0, 3).map(({ id, signature }) => ({ id: `${id}-copy`, signature }));
    const items = [...crops, ...copies];
    const found = findNearDuplicates(items);
    expect(found.map(({ a, b }) => [a, b])).toEqual([
      ["c0", "c0-copy"],
      ["c1", "c1-copy"],
      ["c2", "c2-copy"],
    ]);
    for (const { distance, correlation } of found) {
      expect(distance).toBe(0);
      // Sums of whole numbers below 2^53: exact but for the root.
      expect(correlation).toBeCloseTo(1, 12);
    }
    expect(findNearDuplicates(items.toReversed())).toEqual(found);
  });

  it("need the thumbnails to correlate, not only the hashes to agree", () => {
    const one = signed(drawn(1));
    const other = { ...signed(drawn(2)), hash: one.hash };
    const pair = (signature: ImageSignature) => [
      { id: "a", signature: one },
      { id: "b", signature },
    ];
    expect(findNearDuplicates(pair(other))).toEqual([]);
    expect(findNearDuplicates(pair({ ...one }))).toHaveLength(1);
  });

  it("look alike as they are held where the hashes agree, up to the distance and no further", () => {
    const signature = signed(drawn(1));
    const flipped = (bits: number) => {
      const hash = BigInt(`0x${signature.hash}`) ^ ((1n << BigInt(bits)) - 1n);
      return lookAlike(signature, { ...signature, hash: hash.toString(16).padStart(16, "0") });
    };
    expect(flipped(nearDuplicateDistance)).toBe(true);
    expect(flipped(nearDuplicateDistance + 1)).toBe(false);
  });
});

const sets = new URL("../../../../shared/data/", import.meta.url);
const busi = new URL("cls-busi256/", sets);
const brain = new URL("cls-brain-mri/", sets);

/** Signatures of all images in two folders of a set. */
async function signaturesOf(set: URL, folders: readonly string[]) {
  const items: { id: string; signature: ImageSignature; pixels: string }[] = [];
  for (const folder of folders) {
    for (const file of readdirSync(new URL(`${folder}/`, set))) {
      const grey = await fromFile(readFileSync(new URL(`${folder}/${encodeURIComponent(file)}`, set)));
      const signature = imageSignature(grey);
      const pixels = `${grey.width} ${Buffer.from(grey.pixels).toString("base64")}`;
      if (signature) items.push({ id: `${folder}/${file}`, signature, pixels });
    }
  }
  return items;
}

describe.skipIf(!existsSync(busi))("on breast ultrasound (left out where the shared data are absent)", () => {
  it("all 56 listed near-duplicate pairs are found, among them the one image in two classes", async () => {
    const items = await signaturesOf(busi, ["benign", "malignant"]);
    expect(items).toHaveLength(647);
    const found = new Map(findNearDuplicates(items).map((pair) => [`${pair.a} ${pair.b}`, pair]));
    const listed = readFileSync(new URL("near_duplicates.csv", busi), "utf8").trim().split("\n").slice(1);
    expect(listed).toHaveLength(56);
    expect(listed.filter((line) => found.has(line.split(",").slice(0, 2).sort().join(" ")))).toHaveLength(56);
    expect(found.get("benign/benign_433.png malignant/malignant_145.png")?.distance).toBe(0);
    // Looked at by eye: the 17 that a registration adds are one picture each, cut or moved otherwise, one of them benign and malignant.
    expect(found.size).toBe(148 + 17);
    for (const { correlation } of found.values()) expect(correlation).toBeGreaterThanOrEqual(nearDuplicateCorrelation);
    expect(found.has("benign/benign_333.png malignant/malignant_078.png")).toBe(true);
  });
});

describe.skipIf(!existsSync(brain))("on brain MR images (left out where the shared data are absent)", () => {
  it("all identical images are found", async () => {
    const items = await signaturesOf(brain, ["yes", "no"]);
    expect(items).toHaveLength(253);
    const found = new Set(findNearDuplicates(items).map(({ a, b }) => `${a} ${b}`));
    const identical = items.flatMap((one, i) =>
      items.slice(i + 1).flatMap((other) => (one.pixels === other.pixels ? [[one.id, other.id].sort().join(" ")] : [])),
    );
    expect(identical).toHaveLength(29);
    expect(identical.filter((pair) => found.has(pair))).toHaveLength(29);
    // The 12 that a registration adds, by eye: one picture each, cut otherwise.
    expect(found.size).toBe(61 + 12);
  });
});
