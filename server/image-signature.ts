import { type ImageSignature, imageSignature } from "@/core/imaging/perceptual-hash";

/** The signature of decoded pixels as it is kept with the crop: hash, and thumbnail in base64; null where the image shows too little. */
export function signatureOf({
  pixels,
  width,
  height,
  channels,
}: {
  pixels: Uint8Array;
  width: number;
  height: number;
  channels: number;
}): string | null {
  const grey =
    channels === 1
      ? pixels
      : Uint8Array.from({ length: width * height }, (_, i) => {
          const [red = 0, green = 0, blue = 0] = pixels.subarray(i * channels, i * channels + 3);
          return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
        });
  const found = imageSignature({ pixels: grey, width, height });
  return found ? `${found.hash}:${Buffer.from(found.thumbnail).toString("base64")}` : null;
}

/** What `signatureOf` kept. */
export function readSignature(kept: string): ImageSignature {
  const [hash = "", thumbnail = ""] = kept.split(":");
  return { hash, thumbnail: new Uint8Array(Buffer.from(thumbnail, "base64")) };
}
