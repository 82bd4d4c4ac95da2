import { Resvg } from "@resvg/resvg-js";
import { type Font, openSync } from "fontkit";
import { fontFiles } from "./font";

const dotsAnInch = 300;

/** A figure as PNG with 300 dots an inch, for a program that draws no SVG. @param options.inches its width in print */
export function pictureOf(svg: string, { inches }: { inches: number }): Buffer {
  const drawn = new Resvg(withOutlines(svg), {
    fitTo: { mode: "width", value: Math.round(inches * dotsAnInch) },
    font: { loadSystemFonts: false },
  });
  return drawn.render().asPng();
}

const opened = new Map<string, Font>();

function fontOf(path: string): Font {
  const known = opened.get(path);
  if (known) return known;
  const font = openSync(path);
  if (!("layout" in font)) throw new Error(`${path} holds several fonts.`);
  opened.set(path, font);
  return font;
}

const entities: Readonly<Record<string, string>> = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&" };

/**
 * The drawing with each text as the outlines of its letters. (resvg shapes text itself, but takes a tenth of a second a line with a font of 30,000 letters.)
 * @param svg as `core/figures/svg.ts` writes it
 */
function withOutlines(svg: string): string {
  return svg.replaceAll(/<text([^>]*)>([^<]*)<\/text>/g, (_, attributes: string, inner: string) => {
    const look = new Map(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name, value]),
    );
    const text = inner.replaceAll(/&(lt|gt|quot|amp);/g, (entity) => entities[entity] ?? entity);
    const font = fontOf(look.get("font-weight") === "bold" ? fontFiles.bold : fontFiles.normal);
    const scale = Number(look.get("font-size")) / font.unitsPerEm;
    const { glyphs, positions, advanceWidth } = font.layout(text);
    const shift = { start: 0, middle: advanceWidth / 2, end: advanceWidth }[look.get("text-anchor") ?? "start"] ?? 0;
    let at = -shift;
    const outlines = glyphs.map((glyph, i) => {
      const { xAdvance = 0, xOffset = 0, yOffset = 0 } = positions[i] ?? {};
      const outline = glyph.path.translate(at + xOffset, yOffset).toSVG();
      at += xAdvance;
      return outline;
    });
    const turned = look.get("transform");
    return `<g${turned ? ` transform="${turned}"` : ""}><path transform="translate(${look.get("x")} ${look.get("y")}) scale(${scale} ${-scale})" fill="${look.get("fill")}" d="${outlines.join("")}"/></g>`;
  });
}
