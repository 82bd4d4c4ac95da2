import { Resvg } from "@resvg/resvg-js";
import { fontFiles, fontName } from "./font";

const dotsAnInch = 300;

/** A figure as PNG with 300 dots an inch, for a program that draws no SVG. @param options.inches its width in print */
export function pictureOf(svg: string, { inches }: { inches: number }): Buffer {
  const drawn = new Resvg(svg, {
    fitTo: { mode: "width", value: Math.round(inches * dotsAnInch) },
    font: { loadSystemFonts: false, fontFiles: Object.values(fontFiles), defaultFontFamily: fontName },
  });
  return drawn.render().asPng();
}
