import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { buffer, text as textOf } from "node:stream/consumers";
import { byPixel, withOwnColour } from "@/core/dicom/bytes";
import { type DataSet, type DicomFile, isEncapsulated } from "@/core/dicom/data-set";
import { tagOf } from "@/core/dicom/dictionary";
import { frameCount } from "@/core/dicom/frame";
import { frameBytes, frameSizeOf, refuseUnreadablePixels } from "@/core/dicom/frame-bytes";
import { DicomRefusal } from "@/core/dicom/refusal";
import { type SampleFormat, type Samples, sampleFormatOf, storedValues } from "@/core/dicom/samples";
import { number, text } from "@/core/dicom/values";
import { printable } from "@/core/text/characters";
import { asWritten } from "@/core/words/said";
import { AppError } from "@/server/errors";

/** What the process that decodes is told of a picture. */
export type Compressed = Pick<SampleFormat, "bitsAllocated" | "bitsStored" | "signed"> & {
  transferSyntax: string;
  photometric: string;
  width: number;
  height: number;
  channels: number;
  /** Of the decoded picture. */
  bytes: number;
};

/** A frame of stored values, whatever it was compressed by: neither what they mean nor what of them is shown (`core/dicom/grey.ts`). */
export interface DecodedFrame {
  samples: Samples;
  width: number;
  height: number;
  /** Samples of a pixel, which lie side by side. */
  channels: number;
}

/** What a process that decodes may take. A picture of 5,000 x 5,000 takes ten seconds, one of 8,000 x 8,000 of 16 bits this memory. */
const usualLimits = { seconds: 60, kilobytes: 2 * 1024 ** 2 };

/** How many decode at once; what comes on top waits its turn. */
const lanes: Promise<unknown>[] = [Promise.resolve(), Promise.resolve()];
let taken = 0;

const decoder = join(process.cwd(), "server", "decoding", "decode-process.ts");

/**
 * A frame of an image. Compressed pixels are decoded in a process of their own, which ends with them: one that crashes, hangs or wants too much memory takes
 * nothing along.
 * @param frame counted from 0
 * @throws AppError "invalid" for a frame that is not there, and for pixels that cannot be decoded
 */
export async function decodedFrame(
  { data, transferSyntax }: Pick<DicomFile, "data" | "transferSyntax">,
  frame: number,
  limits = usualLimits,
): Promise<DecodedFrame> {
  if (frame < 0 || frame >= frameCount(data))
    throw new AppError("invalid", { key: "errors.image_without_frame", values: { frame: frame + 1 } });
  refuseWhatIsNotTaken(data, transferSyntax);
  const { width, height, channels } = frameSizeOf(data);
  const format = sampleFormatOf(data);
  const size = Math.ceil(format.bitsAllocated / 8);
  const photometric = text(data, tagOf("PhotometricInterpretation")) ?? "MONOCHROME2";
  const received = frameBytes({ data }, frame);
  const asSamples = (bytes: Uint8Array): DecodedFrame => ({
    samples: storedValues(bytes, format, transferSyntax).subarray(0, width * height * channels),
    ...{ width, height, channels },
  });
  if (isEncapsulated(data.get(tagOf("PixelData")))) {
    const { bitsAllocated, bitsStored, signed } = format;
    const bytes = bitsAllocated === 1 ? Math.ceil((width * height) / 8) : width * height * channels * size;
    const shape = { width, height, channels, bytes, bitsAllocated, bitsStored, signed };
    return asSamples(await decodedInTurn(received, { transferSyntax, photometric, ...shape }, limits));
  }
  if (photometric === "YBR_FULL_422") return asSamples(withOwnColour(received));
  const isPlanar = channels > 1 && number(data, tagOf("PlanarConfiguration")) === 1;
  return asSamples(isPlanar ? byPixel(received, { channels, size }) : received);
}

/** What was taken in before it was looked at so closely. */
function refuseWhatIsNotTaken(data: DataSet, syntax: string): void {
  try {
    refuseUnreadablePixels(data);
  } catch (error) {
    if (!(error instanceof DicomRefusal)) throw error;
    throw new AppError("invalid", { key: "errors.image_not_decoded", values: { syntax, detail: error.said } });
  }
}

function decodedInTurn(picture: Uint8Array, format: Compressed, limits: typeof usualLimits): Promise<Uint8Array> {
  const lane = taken++ % lanes.length;
  const decoded = (lanes[lane] ?? Promise.resolve()).then(() => decodedApart(picture, format, limits));
  lanes[lane] = decoded.catch(() => {});
  return decoded;
}

async function decodedApart(
  picture: Uint8Array,
  format: Compressed,
  { seconds, kilobytes }: typeof usualLimits,
): Promise<Uint8Array> {
  const { transferSyntax: syntax, bytes } = format;
  // The kernel holds it to its memory, WebAssembly's included, of which Node's own limits know nothing. No secret of ours is in its environment.
  const child = spawn(
    "/bin/sh",
    ["-c", 'ulimit -d "$0" && exec "$@"', String(kilobytes), process.execPath, "--import", "tsx", decoder].concat(
      JSON.stringify(format),
    ),
    { env: { NODE_ENV: "production" }, stdio: "pipe", detached: true },
  );
  const end = () => child.kill("SIGKILL");
  const timer = setTimeout(end, seconds * 1000);
  try {
    // One that is gone already says so by its end.
    child.stdin.on("error", () => {});
    child.stdin.end(picture);
    const [decoded, complaint, [code, signal]] = await Promise.all([
      buffer(child.stdout),
      textOf(child.stderr),
      once(child, "close"),
    ]);
    if (code === 0 && decoded.length === bytes) return decoded;
    if (signal === "SIGKILL")
      throw new AppError("invalid", {
        key: "errors.image_decoding_too_long",
        values: { syntax, seconds },
      });
    const last = complaint.trim().split("\n").at(-1)?.slice(0, 200) || signal || String(code);
    const detail = code === 0 ? `${decoded.length} bytes for ${bytes}` : last;
    throw new AppError("invalid", {
      key: "errors.image_not_decoded",
      values: { syntax, detail: asWritten(printable(detail)) },
    });
  } finally {
    clearTimeout(timer);
    end();
  }
}
