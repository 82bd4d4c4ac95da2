import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import sharp from "sharp";
import type { DrawnFrame } from "@/server/services/series/draw-frame";

const font = createRequire(import.meta.url).resolve(
  "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
);

/** Letters as a scanner burns them into an image: their size in pixels, their grey, and where their line begins, as shares of its sides. */
export interface Burned {
  text: string;
  size: number;
  grey: number;
  at?: readonly [number, number];
}

/** Letters of the same shape on every machine, over nothing: red, green, blue and how much covers. */
function drawn({ text, size, grey, at = [0.04, 0.08] }: Burned, { width, height }: { width: number; height: number }) {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
    <text x="${at[0] * width}" y="${at[1] * height}" font-family="Noto Sans SC" font-size="${size}" fill="rgb(${grey},${grey},${grey})">${text}</text></svg>`;
  const options = { font: { fontFiles: [font], loadSystemFonts: false, defaultFontFamily: "Noto Sans SC" } };
  return new Resvg(svg, options).render().asPng();
}

/** A picture with letters in it. */
export async function burnIn(picture: DrawnFrame, burned: Burned): Promise<DrawnFrame> {
  const { pixels, width, height, channels } = picture;
  const data = await sharp(pixels, { raw: { width, height, channels } })
    .toColourspace("srgb")
    .composite([{ input: drawn(burned, picture) }])
    .removeAlpha()
    .toColourspace("b-w")
    .raw()
    .toBuffer();
  return { pixels: new Uint8Array(data), width, height, channels: 1 };
}
