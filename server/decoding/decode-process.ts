import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { inflateRawSync } from "node:zlib";
import { byPixel } from "@/core/dicom/bytes";
import type { Compressed } from "./decoded-frame";

/*
 * The process that decodes one picture and ends: bytes come in on stdin and go out on stdout, samples by pixel. The codecs are compiled C++: one that fails may
 * leave its memory broken for the next picture, and damaged input may keep it busy for ever, so nothing else lives here.
 */

const require = createRequire(import.meta.url);

/** JPEG-LS, by CharLS: what it says of itself, because others mistake planes for pixels. */
interface Charls {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getDecodedBuffer(): Uint8Array;
  /** 0: plane after plane. */
  getInterleaveMode(): number;
}

async function jpegLs(picture: Uint8Array, { channels, bitsAllocated }: Compressed): Promise<Uint8Array> {
  const file = require.resolve("@cornerstonejs/codec-charls/decodewasmjs");
  const { JpegLSDecoder } = await require(file)({ locateFile: (name: string) => join(dirname(file), name) });
  const decoder: Charls = new JpegLSDecoder();
  decoder.getEncodedBuffer(picture.length).set(picture);
  decoder.decode();
  const decoded = Uint8Array.from(decoder.getDecodedBuffer());
  return channels > 1 && decoder.getInterleaveMode() === 0
    ? byPixel(decoded, { channels, size: bitsAllocated / 8 })
    : decoded;
}

type NativeCodec = "decodeJpeg" | "decodeJpeg2000" | "decodeHtJpeg2000" | "decodeRle";

async function native(codec: NativeCodec, picture: Uint8Array, format: Compressed): Promise<Uint8Array> {
  const { NativeCodecs, Context } = require("dcmjs-codecs") as typeof import("dcmjs-codecs");
  await NativeCodecs.initializeAsync();
  const { channels, signed, photometric: photometricInterpretation, ...rest } = format;
  const context = new Context({
    ...rest,
    samplesPerPixel: channels,
    pixelRepresentation: signed ? 1 : 0,
    planarConfiguration: 0,
    photometricInterpretation,
    encodedBuffer: picture,
  });
  return NativeCodecs[codec](context, { convertColorspaceToRgb: false }).getDecodedBuffer() ?? new Uint8Array();
}

const codecs: Readonly<Record<string, (picture: Uint8Array, format: Compressed) => Promise<Uint8Array>>> = {
  ".4.80": jpegLs,
  ".4.81": jpegLs,
  ".8.1": async (picture, { bytes }) => inflateRawSync(picture, { maxOutputLength: bytes + 1 }),
};

const natively: Readonly<Record<string, NativeCodec>> = {
  ...{ ".4.50": "decodeJpeg", ".4.51": "decodeJpeg", ".4.57": "decodeJpeg", ".4.70": "decodeJpeg" },
  ...{ ".4.90": "decodeJpeg2000", ".4.91": "decodeJpeg2000" },
  ...{ ".4.201": "decodeHtJpeg2000", ".4.202": "decodeHtJpeg2000", ".4.203": "decodeHtJpeg2000" },
  ".5": "decodeRle",
};

const format: Compressed = JSON.parse(process.argv[2] ?? "");
const picture = await buffer(process.stdin);
const syntax = format.transferSyntax.replace("1.2.840.10008.1.2", "");
const codec = natively[syntax];
try {
  const decoded = codec ? await native(codec, picture, format) : await codecs[syntax]?.(picture, format);
  if (!decoded) throw new Error("no decoder for this transfer syntax");
  process.stdout.write(decoded);
} catch (error) {
  // A trap of WebAssembly comes as a number.
  process.stderr.write(error instanceof Error ? error.message : `the decoder failed (${String(error)})`);
  process.exitCode = 1;
}
