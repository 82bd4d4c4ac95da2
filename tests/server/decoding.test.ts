import { Context, NativeCodecs } from "dcmjs-codecs";
import { beforeAll, describe, expect, test } from "vitest";
import { readDicom } from "@/core/dicom/read";
import { decodedFrame } from "@/server/decoding/decoded-frame";
import { compressedSlice, inRle, slice } from "@/tests/support/dicom";

/*
 * Compressed pixels are decoded in a process that is thrown away. What the values of scanners' files are is held against others' decoders in `corpus.test.ts`.
 */

const [width, height] = [40, 24];
const pixels = Array.from({ length: width * height }, (_, at) => (at * 37) % 4096);
const size = { Rows: height, Columns: width, PixelData: pixels };
const syntaxes = {
  jpegLossless: "1.2.840.10008.1.2.4.70",
  jpegLs: "1.2.840.10008.1.2.4.80",
  jpeg2000: "1.2.840.10008.1.2.4.90",
  htj2k: "1.2.840.10008.1.2.4.201",
  rle: "1.2.840.10008.1.2.5",
} as const;

beforeAll(() => NativeCodecs.initializeAsync());

function encoded(syntax: keyof typeof syntaxes): Uint8Array {
  const context = new Context({
    ...{ width, height, bitsAllocated: 16, bitsStored: 12, samplesPerPixel: 1, pixelRepresentation: 0 },
    ...{ planarConfiguration: 0, photometricInterpretation: "MONOCHROME2" },
    decodedBuffer: new Uint8Array(Uint16Array.from(pixels).buffer),
  });
  const encoders = {
    jpegLossless: () => NativeCodecs.encodeJpeg(context, { lossy: false, predictor: 1, pointTransform: 0 }),
    jpegLs: () => NativeCodecs.encodeJpegLs(context, { lossy: false }),
    jpeg2000: () => NativeCodecs.encodeJpeg2000(context, { lossy: false }),
    htj2k: () => NativeCodecs.encodeHtJpeg2000(context, { lossy: false }),
    rle: () => context,
  };
  if (syntax === "rle") return inRle(pixels);
  return Uint8Array.from(encoders[syntax]().getEncodedBuffer() ?? []);
}
const file = (syntax: keyof typeof syntaxes, fragments: readonly Uint8Array[], changes = {}) =>
  readDicom(compressedSlice({ transferSyntax: syntaxes[syntax], fragments }, { ...size, ...changes }));

describe("a frame", () => {
  test.each(Object.keys(syntaxes) as (keyof typeof syntaxes)[])("in %s has the values that went in", async (syntax) => {
    const { samples, ...shape } = await decodedFrame(file(syntax, [encoded(syntax)]), 0);
    expect(shape).toEqual({ width, height, channels: 1 });
    expect([...samples]).toEqual(pixels);
  });

  test("lies in several fragments, and one of several frames is found by the table of offsets or by where pictures begin", async () => {
    const picture = encoded("jpeg2000");
    const half = 2 * Math.floor(picture.length / 4);
    const even = picture.length % 2 === 0 ? picture : Uint8Array.of(...picture, 0);
    const pieces = [even.subarray(0, half), even.subarray(half)];
    expect([...(await decodedFrame(file("jpeg2000", pieces), 0)).samples]).toEqual(pixels);
    const frames = file("jpeg2000", [...pieces, ...pieces, ...pieces], { NumberOfFrames: 3 });
    expect([...(await decodedFrame(frames, 2)).samples]).toEqual(pixels);
    await expect(decodedFrame(frames, 3)).rejects.toThrow("no frame 4");
  });

  test("in colour has its samples side by side, whatever planes they came in", async () => {
    const colour = {
      SamplesPerPixel: 3,
      PhotometricInterpretation: "RGB",
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
    };
    const shape = { ...colour, Rows: 1, Columns: 2 };
    const planes = slice({ ...shape, PlanarConfiguration: 1, PixelData: Uint8Array.of(1, 4, 2, 5, 3, 6) });
    expect([...(await decodedFrame(readDicom(planes), 0)).samples]).toEqual([1, 2, 3, 4, 5, 6]);
    const pairs = slice({
      ...{ ...shape, PhotometricInterpretation: "YBR_FULL_422" },
      PixelData: Uint8Array.of(1, 4, 2, 3),
    });
    expect([...(await decodedFrame(readDicom(pairs), 0)).samples]).toEqual([1, 2, 3, 4, 2, 3]);
  });

  test("of single bits begins in the middle of a byte", async () => {
    const bits = { BitsAllocated: 1, BitsStored: 1, HighBit: 0, Rows: 3, Columns: 3, NumberOfFrames: 2 };
    const bytes = readDicom(slice({ ...bits, PixelData: Uint8Array.of(0b11111111, 0b00000111, 0b11) }));
    expect([...(await decodedFrame(bytes, 1)).samples]).toEqual([1, 1, 0, 0, 0, 0, 0, 1, 1]);
  });
});

describe("what cannot be decoded", () => {
  const good = () => decodedFrame(file("jpeg2000", [encoded("jpeg2000")]), 0);

  test("is refused with a reason when the decoder crashes on it, and the next picture is decoded", async () => {
    for (const syntax of ["jpegLossless", "jpegLs", "jpeg2000", "htj2k"] as const) {
      const damaged = Uint8Array.from(encoded(syntax), (byte, at) => (at > 120 ? (at * 31) & 0x7f : byte));
      const outcome = await decodedFrame(file(syntax, [damaged.subarray(0, 200)]), 0).then(
        () => "decoded",
        (error: Error) => error.message,
      );
      expect(outcome, syntax).toMatch(/^decoded$|cannot be decoded: .*Nothing was saved/);
    }
    const rle = inRle(pixels).subarray(0, 70);
    await expect(decodedFrame(file("rle", [rle]), 0)).rejects.toThrow("cannot be decoded");
    await expect(
      decodedFrame(
        readDicom(
          compressedSlice({ transferSyntax: "1.2.840.10008.1.2.4.102", fragments: [Uint8Array.of(1, 2)] }, size),
        ),
        0,
      ),
    ).rejects.toThrow("no decoder for this transfer syntax");
    expect([...(await good()).samples]).toEqual(pixels);
  });

  test("is ended when it takes too long or wants too much memory", async () => {
    const picture = file("jpeg2000", [encoded("jpeg2000")]);
    const usual = { seconds: 60, kilobytes: 2 * 1024 ** 2 };
    await expect(decodedFrame(picture, 0, { ...usual, seconds: 0.01 })).rejects.toThrow("took longer than 0.01 s");
    await expect(decodedFrame(picture, 0, { ...usual, kilobytes: 60_000 })).rejects.toThrow("cannot be decoded");
    expect([...(await good()).samples]).toEqual(pixels);
  });

  test("because it says another size than its header, or has too few pixels, is never given to a decoder", async () => {
    const picture = encoded("jpeg2000");
    // SIZ: 100,000 x 100,000.
    const bomb = Uint8Array.from(picture);
    new DataView(bomb.buffer).setUint32(8, 100_000);
    new DataView(bomb.buffer).setUint32(12, 100_000);
    await expect(decodedFrame(file("jpeg2000", [bomb]), 0)).rejects.toThrow("100000 x 100000 x 1");
    await expect(decodedFrame(file("jpeg2000", [picture], { Rows: height + 1 }), 0)).rejects.toThrow("40 x 24 x 1");
    const short = readDicom(slice({ ...size, Rows: height + 1 }));
    await expect(decodedFrame(short, 0)).rejects.toThrow("asks for 2000 bytes of pixels, and there are 1920");
  });
});
