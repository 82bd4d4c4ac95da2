// node --import tsx tests/support/decode-process.ts decodeCrop|sharp FILE: decodes an image, then prints by how many MB this made the largest memory of the process grow.
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { decodeCrop } from "@/server/services/imaging/decode-crop";

const [, , how, path = ""] = process.argv;
const bytes = await readFile(path);
const largestMb = () => process.resourceUsage().maxRSS / 1e3;
await sharp(Buffer.alloc(64), { raw: { width: 8, height: 8, channels: 1 } })
  .png()
  .toBuffer();
const before = largestMb();
if (how === "sharp") await sharp(bytes).raw().toBuffer();
else await decodeCrop({ name: path, bytes });
process.stdout.write(String(largestMb() - before));
