import sharp, { type Sharp } from "sharp";
import { describe, expect, test } from "vitest";
import { fitToCanvas } from "@/core/imaging/canvas";
import { publishedInput } from "@/core/network/input";
import { seededRandom, seedOf } from "@/core/random";
import { decodeCrop as decodeUpload } from "@/server/services/imaging/decode-crop";
import { decodeCrop } from "@/worker/inception/preprocess";

/** What the server stored of an upload, and so the network saw, while it still scaled larger ones down itself. */
async function storedBefore(bytes: Uint8Array): Promise<Buffer> {
  const open = () => sharp(bytes, { failOn: "warning" });
  const { channels: inputChannels = 3, orientation = 1, ...meta } = await open().metadata();
  const [width, height] = orientation >= 5 ? [meta.height, meta.width] : [meta.width, meta.height];
  const place = fitToCanvas({ width, height, size: 299 });
  let image = open()
    .autoOrient()
    .flatten({ background: "#000" })
    .toColourspace(inputChannels <= 2 ? "b-w" : "srgb");
  if (place.scale < 1) image = image.resize(place.width, place.height, { fit: "fill", kernel: "lanczos3" });
  const { data, info } = await image.raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } })
    .toColourspace(info.channels === 1 ? "b-w" : "srgb")
    .png({ compressionLevel: 9, palette: false })
    .toBuffer();
}

/** Edges and noise, so that every kernel gives other pixels. */
function drawn(width: number, height: number, channels: 1 | 2 | 3 | 4): Sharp {
  const random = seededRandom(seedOf(width, height, channels));
  const values = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const x = Math.floor(i / channels) % width;
    return (x % 17 < 8 ? 60 : 170) + Math.floor(80 * random());
  });
  return sharp(values, { raw: { width, height, channels } });
}

const stored = async (bytes: Uint8Array) =>
  (await decodeUpload({ name: "x", bytes })).files[0]?.bytes ?? Buffer.alloc(0);

describe("an upload of up to 299 px", () => {
  test.each([
    ["grey PNG", () => drawn(60, 41, 1).toColourspace("b-w").png()],
    ["RGB PNG", () => drawn(299, 299, 3).png()],
    ["RGB PNG with transparency", () => drawn(20, 299, 4).png()],
    ["turned JPEG", () => drawn(80, 50, 3).withMetadata({ orientation: 6 }).jpeg()],
    ["grey JPEG", () => drawn(80, 50, 1).toColourspace("b-w").jpeg()],
  ])("is stored with the same bytes as before: %s", async (_, made) => {
    const bytes = await made().toBuffer();
    expect((await stored(bytes)).equals(await storedBefore(bytes))).toBe(true);
  });

  test("of greys with transparency is grey, as it was not before, with the same levels", async () => {
    const bytes = await drawn(60, 41, 2).png().toBuffer();
    const [now, before] = await Promise.all([stored(bytes), storedBefore(bytes)]);
    expect((await sharp(now).metadata()).channels).toBe(1);
    expect((await sharp(before).metadata()).channels).toBe(3);
    const asColour = (png: Buffer) => sharp(png).toColourspace("srgb").raw().toBuffer();
    expect((await asColour(now)).equals(await asColour(before))).toBe(true);
  });
});

describe("an upload above 299 px", () => {
  test.each([
    ["grey PNG", () => drawn(640, 400, 1).toColourspace("b-w").png()],
    ["RGB PNG", () => drawn(500, 700, 3).png()],
    ["RGB PNG with transparency", () => drawn(400, 399, 4).png()],
    ["JPEG", () => drawn(512, 300, 3).jpeg()],
    ["much larger PNG", () => drawn(3000, 11, 3).png()],
  ])("is stored in its own size, and reaches the network with the same pixels as before: %s", async (_, made) => {
    const bytes = await made().toBuffer();
    const kept = await stored(bytes);
    const [came, is] = await Promise.all([sharp(bytes).metadata(), sharp(kept).metadata()]);
    expect([is.width, is.height]).toEqual([came.width, came.height]);
    const [now, before] = await Promise.all(
      [kept, await storedBefore(bytes)].map((png) => decodeCrop(png, { size: publishedInput, sizeBlind: false })),
    );
    expect(now?.window).toEqual(before?.window);
    expect(Math.max(now?.window.width ?? 0, now?.window.height ?? 0)).toBe(publishedInput);
    expect(Buffer.compare(now?.pixels ?? Buffer.alloc(1), before?.pixels ?? Buffer.alloc(2))).toBe(0);
  });
});
