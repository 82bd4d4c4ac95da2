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
  const grey = channels === 1 ? pixels : new Uint8Array(width * height);
  if (channels > 1)
    for (let i = 0, at = 0; i < grey.length; i++, at += channels)
      grey[i] = Math.round(0.299 * (pixels[at] ?? 0) + 0.587 * (pixels[at + 1] ?? 0) + 0.114 * (pixels[at + 2] ?? 0));
  const found = imageSignature({ pixels: grey, width, height });
  return found ? `${found.hash}:${Buffer.from(found.thumbnail).toString("base64")}` : null;
}

/** What `signatureOf` kept. */
export function readSignature(kept: string): ImageSignature {
  const [hash = "", thumbnail = ""] = kept.split(":");
  return { hash, thumbnail: new Uint8Array(Buffer.from(thumbnail, "base64")) };
}
