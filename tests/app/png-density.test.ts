import sharp from "sharp";
import { expect, test } from "vitest";
import { withDensity } from "@/app/_lib/png-density";

test("a picture says how large it is in print, and is otherwise the same", async () => {
  const plain = await sharp({ create: { width: 3, height: 2, channels: 3, background: "#0072B2" } })
    .png()
    .toBuffer();
  const printed = withDensity(plain, 300);
  expect((await sharp(plain).metadata()).density).not.toBe(300);
  expect(await sharp(printed).metadata()).toMatchObject({ format: "png", width: 3, height: 2, density: 300 });
  // libpng refuses a chunk whose check is wrong.
  expect(await sharp(printed, { failOn: "warning" }).raw().toBuffer()).toEqual(await sharp(plain).raw().toBuffer());
});
