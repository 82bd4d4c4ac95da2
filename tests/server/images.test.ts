import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { drawNode } from "@/core/phantom/node";
import { decodeCrop } from "@/server/services/imaging/decode-crop";
import { decodeUpload } from "@/server/services/imaging/decode-upload";
import { longestPause } from "../support/longest-pause";

const drawn = drawNode({ seed: 3, plane: "axial", positive: true, shortAxisMm: 9 });
const { width, height } = drawn;
const grey = sharp(drawn.pixels, { raw: { width, height, channels: 1 } }).toColourspace("b-w");
const decode = async (bytes: Buffer | Promise<Buffer>, name = "crop.png") => decodeCrop({ name, bytes: await bytes });

/** Levels of 16 bits, as a program writes them that knows only 12. */
const deep = (levels: Uint16Array, channels: 1 | 3 = 1) =>
  sharp(levels, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? "grey16" : "rgb16")
    .png()
    .toBuffer();
const thrice = <T extends Uint8Array | Uint16Array>(levels: T): T =>
  levels.constructor === Uint16Array
    ? (Uint16Array.from({ length: 3 * levels.length }, (_, i) => levels[Math.floor(i / 3)] ?? 0) as T)
    : (Uint8Array.from({ length: 3 * levels.length }, (_, i) => levels[Math.floor(i / 3)] ?? 0) as T);

describe("a picture in grey, saved as colour", () => {
  test("is the same picture: one PNG, one hash of its pixels", async () => {
    const one = await decode(grey.png().toBuffer());
    const colour = await decode(
      sharp(thrice(drawn.pixels), { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
    expect((await sharp(colour.files[0]?.bytes).metadata()).channels).toBe(1);
    expect(colour.image).toEqual(one.image);
    expect(colour.pixelSha256AsColour).toMatch(/^[0-9a-f]{64}$/);
    expect(one.pixelSha256AsColour).toBeNull();
  });

  test("in 16 bits, too, without the loss of a level", async () => {
    const levels = Uint16Array.from(drawn.pixels, (level) => 16 * level);
    const [one, colour] = [await decode(deep(levels)), await decode(deep(thrice(levels), 3))];
    expect(colour.image).toEqual(one.image);
    const kept = await sharp(colour.files[1]?.bytes).toColourspace("grey16").raw({ depth: "ushort" }).toBuffer();
    expect(kept.equals(Buffer.from(levels.buffer))).toBe(true);
  });

  test("stays colour where one pixel has a colour", async () => {
    const pixels = thrice(drawn.pixels);
    pixels[4] = (pixels[4] ?? 0) ^ 1;
    const { image, pixelSha256AsColour } = await decode(
      sharp(pixels, { raw: { width, height, channels: 3 } })
        .png()
        .toBuffer(),
    );
    expect(image.pixelSha256).not.toBe((await decode(grey.png().toBuffer())).image.pixelSha256);
    expect(pixelSha256AsColour).toBeNull();
  });
});

// vinbigdata-medical/vindr-mammo#1, lovell/sharp#3574: 12-bit values in 16 bits, of which the upper 8 are nearly black (3,712 >> 8 = 14).
test.each([
  ["12 bits", 16],
  ["the range of a typical MR", 6],
])("%s in a PNG of 16 keep their levels, and look like the picture in 8 bits", async (_, factor) => {
  const base = await decode(grey.png().toBuffer());
  const { image, levels } = await decode(deep(Uint16Array.from(drawn.pixels, (level) => factor * level)));
  expect(levels).toBe(base.levels);
  expect(image).toMatchObject({ bitDepth: 16, windowRule: "pixel-range", windowLow: expect.any(Number) });
  expect(image.signature?.slice(0, 16)).toBe(base.image.signature?.slice(0, 16));
});

test.each([
  ["8 bits", Buffer.alloc(20 * 20, 7), 7],
  ["16 bits", new Uint16Array(20 * 20).fill(900), 900],
])("a blank picture of %s is refused with its level", async (_, pixels, level) => {
  const bytes = await sharp(pixels, { raw: { width: 20, height: 20, channels: 1 } })
    .toColourspace(level > 255 ? "grey16" : "b-w")
    .png()
    .toBuffer();
  await expect(decode(bytes, "blank.png")).rejects.toThrow(`"blank.png" is blank: every pixel has the level ${level}.`);
});

test("a tiny picture is refused with its size and what is needed", async () => {
  const tiny = (side: number) => grey.clone().resize(side, 20, { fit: "fill" }).png().toBuffer();
  await expect(decode(tiny(7), "tiny.png")).rejects.toThrow(/"tiny.png" has 7 x 20 pixels; at least 8 a side/);
  expect((await decode(tiny(8))).image.width).toBe(8);
});

test("a small file of too many pixels is refused before they are decoded, and the largest that is taken keeps nobody waiting", async () => {
  // Smooth, so that it packs well: 50 million levels of 16 bits in half a megabyte.
  const colour = (side: number) => {
    const levels = new Uint16Array(side * side * 3);
    for (let i = 0; i < levels.length; i++) levels[i] = Math.floor(i / side) * 7 + (i % 3);
    return sharp(levels, { raw: { width: side, height: side, channels: 3 } })
      .toColourspace("rgb16")
      .png()
      .toBuffer();
  };
  const [bomb, largest] = [await colour(4096), await colour(2048)];
  expect(bomb.length).toBeLessThan(1024 ** 2);
  // From its head: the rest of it is not there.
  await expect(decode(bomb.subarray(0, 1_000), "bomb.png")).rejects.toThrow(
    /"bomb.png" has 4096 x 4096 pixels, 16,777,216 in all/,
  );
  expect(await longestPause(() => decode(largest))).toBeLessThan(5);
});

describe("what a file holds beside its picture", () => {
  const megabyte = 1024 ** 2;
  const chunk = (type: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, check]);
  };
  const packed = (start: string, bytes: number) =>
    Buffer.concat([Buffer.from(start, "latin1"), deflateSync(Buffer.alloc(bytes, 97), { level: 9 })]);
  /** Before or behind the pixels of the picture, whose head ends after 33 bytes, and whose end has 12. */
  const withChunks = async (before: readonly Buffer[], behind: readonly Buffer[] = []) => {
    const png = await grey.png().toBuffer();
    return Buffer.concat([png.subarray(0, 33), ...before, png.subarray(33, -12), ...behind, png.subarray(-12)]);
  };
  const texts = (each: (k: number) => Buffer, type: string) =>
    Array.from({ length: 60 }, (_, k) => chunk(type, each(k)));
  const compressed = texts((k) => packed(`k${k}\0\0`, 16 * megabyte), "zTXt");
  const international = texts((k) => packed(`k${k}\0\x01\0\0\0`, 16 * megabyte), "iTXt");

  test("is not unpacked: texts of a gigabyte in a megabyte take no memory, and leave no trace", async () => {
    const folder = await mkdtemp(join(tmpdir(), "nodewise-images-"));
    /** By how many MB the memory of a process grows that decodes the file. */
    const grown = async (how: "decodeCrop" | "sharp", bytes: Buffer) => {
      const path = join(folder, "bomb.png");
      await writeFile(path, bytes);
      const args = ["--import", "tsx", "tests/support/decode-process.ts", how, path];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      return Number(stdout);
    };
    try {
      for (const bomb of [
        await withChunks(compressed),
        await withChunks(international),
        await withChunks([], compressed),
      ]) {
        expect(bomb.length).toBeLessThan(2 * megabyte);
        expect(await grown("decodeCrop", bomb)).toBeLessThan(200);
        expect((await decode(bomb)).image).toEqual((await decode(grey.png().toBuffer())).image);
      }
      // Control: what the decoder takes when it is given such a file as it is.
      expect(await grown("sharp", await withChunks(compressed))).toBeGreaterThan(400);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("is refused where it is a colour profile of a size that none has", async () => {
    const profile = await withChunks([chunk("iCCP", packed("p\0\0", 55 * megabyte))]);
    await expect(decode(profile, "profile.png")).rejects.toThrow(
      /"profile.png" holds a colour profile that unpacks to more than 4 MB/,
    );
  });

  test("keeps nobody waiting, however many parts it has", async () => {
    const none = chunk("IDAT", Buffer.alloc(0));
    const parts = await withChunks([
      Buffer.alloc(19 * megabyte - 4, Buffer.concat([none, chunk("tEXt", Buffer.from("a"))])),
    ]);
    expect(await longestPause(() => decode(parts).catch(() => {}))).toBeLessThan(5);
  });

  test("is kept where the picture is another without it: which side is up, transparency, colour", async () => {
    const turned = await grey.clone().withMetadata({ orientation: 6 }).png().toBuffer();
    expect((await decode(turned)).image).toMatchObject({ width: height, height: width });
    const clear = await sharp(drawn.pixels, { raw: { width, height, channels: 1 } })
      .joinChannel(Buffer.alloc(width * height, 0), { raw: { width, height, channels: 1 } })
      .png({ palette: true })
      .toBuffer();
    await expect(decode(clear, "clear.png")).rejects.toThrow('"clear.png" is blank');
    // Orange, written in the levels of another colour space: its profile says how to come back.
    const orange = Buffer.alloc(20 * 20 * 3, Buffer.from([200, 120, 40]));
    orange[0] = 199;
    const wide = await sharp(orange, { raw: { width: 20, height: 20, channels: 3 } })
      .withIccProfile("p3")
      .png()
      .toBuffer();
    const levels = (png: Buffer | undefined, options: { ignoreIcc?: boolean } = {}) =>
      sharp(png, options).raw().toBuffer();
    const written = await levels(wide, { ignoreIcc: true });
    const shown = await levels((await decode(wide)).files[0]?.bytes);
    const differ = (of: Buffer) => Math.max(...of.map((level, i) => Math.abs(level - (orange[i] ?? 0))));
    expect(differ(written)).toBeGreaterThan(5);
    expect(differ(shown)).toBeLessThanOrEqual(2);
  });
});

describe("a JPEG that is sent step by step", () => {
  const side = 64;
  const blocks = (side / 8) ** 2;
  const segment = (marker: number, ...data: number[]) => Buffer.from([0xff, marker, 0, data.length + 2, ...data]);
  /** The bits of a scan in whole bytes, filled with ones. */
  const bits = (text: string) =>
    Buffer.from(
      (text.padEnd(Math.ceil(text.length / 8) * 8, "1").match(/.{8}/g) ?? []).map((each) => parseInt(each, 2)),
    );
  const zeros = (count: number) => Array.from({ length: count }, () => 0);
  /** A valid one (ITU-T T.81, annex G), grey: a scan of the mean of each block, then scans of the rest of them, which is nothing. */
  const progressive = (scans: number) => {
    const means = segment(0xda, 1, 1, 0x00, 0, 0, 0);
    const rest = Buffer.concat([segment(0xda, 1, 1, 0x00, 1, 63, 0), bits("0".repeat(blocks))]);
    return Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      segment(0xdb, 0, ...Array.from({ length: 64 }, () => 1)),
      segment(0xc2, 8, 0, side, 0, side, 1, 1, 0x11, 0),
      // Codes 0 and 10: no difference from the block before, and one of six bits. Code 0: the end of the block.
      segment(0xc4, 0x00, 1, 1, ...zeros(14), 0, 6),
      segment(0xc4, 0x10, 1, ...zeros(15), 0),
      means,
      bits(Array.from({ length: blocks }, (_, i) => (i % 2 === 0 ? "10100000" : "0")).join("")),
      ...Array.from({ length: scans - 1 }, () => rest),
      Buffer.from([0xff, 0xd9]),
    ]);
  };

  test("is taken with as many scans as a picture can need, and refused with more, which are the work of as many pictures", async () => {
    const [few, most] = await Promise.all([2, 100].map((scans) => decode(progressive(scans))));
    expect(few?.levels).toBeGreaterThan(8);
    expect(most?.image).toEqual(few?.image);
    const more = progressive(101);
    await expect(decode(more, "steps.jpg")).rejects.toThrow('"steps.jpg" is a JPEG of more than 100 scans');
    // Control: nothing is wrong with it but their number.
    const data = await sharp(more, { failOn: "warning" }).toColourspace("b-w").raw().toBuffer();
    expect(data.length).toBe(side ** 2);
  });

  test("has the scans of its own picture counted, not those of the preview in its head", async () => {
    const preview = progressive(101);
    const head = [0xff, 0xe1, preview.length + 2].flatMap((n) => (n > 255 ? [n >> 8, n & 255] : [n]));
    const picture = progressive(2);
    const both = Buffer.concat([picture.subarray(0, 2), Buffer.from(head), preview, picture.subarray(2)]);
    expect((await decode(both)).image).toEqual((await decode(picture)).image);
  });

  test("is taken as programs write it, with bytes of 255 in its data", async () => {
    const noise = Buffer.from(Array.from({ length: 256 ** 2 }, (_, i) => (i * i * 31 + i * 7) % 251));
    const written = await sharp(noise, { raw: { width: 256, height: 256, channels: 1 } })
      .jpeg({ progressive: true, quality: 100 })
      .toBuffer();
    expect(written.includes(Buffer.from([0xff, 0x00]))).toBe(true);
    expect((await decode(written)).image).toMatchObject({ width: 256, height: 256 });
  });
});

test("of images that are sent together one is decoded after the other, whatever comes of those before", async () => {
  const one = await grey.png().toBuffer();
  const done: string[] = [];
  const send = (name: string, bytes: Uint8Array) =>
    decodeUpload({ name, bytes }).then(
      () => done.push(name),
      () => done.push(`${name} refused`),
    );
  const large = await sharp(thrice(drawn.pixels), { raw: { width, height, channels: 3 } })
    .resize(2000, 2000)
    .png()
    .toBuffer();
  await Promise.all([send("large", large), send("broken", one.subarray(0, 90)), send("small", one)]);
  expect(done).toEqual(["large", "broken refused", "small"]);
});
