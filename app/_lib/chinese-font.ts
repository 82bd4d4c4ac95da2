import type { EmbeddedFont } from "./pdf-of";

/** A thousandth of the size of a letter: how a PDF measures fonts. */
const unitsOfPdf = 1000;

/** The font of the report, with these letters alone: fetched where a figure is saved that needs it. */
export async function chineseFont(letters: readonly string[]): Promise<EmbeddedFont> {
  const address = new URL("@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf", import.meta.url);
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`The font of Chinese letters was not sent: ${answer.status}.`);
  return withLetters(new Uint8Array(await answer.arrayBuffer()), letters);
}

/**
 * A TrueType font that holds these letters alone.
 * @param file the whole font
 * @throws Error for a letter that the font does not have
 */
export async function withLetters(file: Uint8Array, letters: readonly string[]): Promise<EmbeddedFont> {
  const { create } = await import("fontkit");
  const font = create(file as Buffer);
  if (!("createSubset" in font)) throw new Error("The font of Chinese letters is a collection of fonts.");
  const subset = font.createSubset();
  /** By the letter; places are given in the order in which glyphs are included, behind that of a missing letter. */
  const places = new Map<number, number>();
  const glyphs = letters.map((letter) => {
    const glyph = font.glyphForCodePoint(letter.codePointAt(0) ?? 0);
    if (glyph.id === 0) throw new Error(`The font of Chinese letters has no ${letter}.`);
    const place = places.get(glyph.id) ?? places.size + 1;
    if (!places.has(glyph.id)) subset.includeGlyph(glyph);
    places.set(glyph.id, place);
    return { letter, place, width: glyph.advanceWidth };
  });
  const scaled = (value: number) => Math.round((value * unitsOfPdf) / font.unitsPerEm);
  const { minX, minY, maxX, maxY } = font.bbox;
  return {
    name: font.postscriptName,
    file: subset.encode(),
    box: [minX, minY, maxX, maxY].map(scaled),
    ascent: scaled(font.ascent),
    descent: scaled(font.descent),
    capHeight: scaled(font.capHeight),
    glyphs: new Map(glyphs.map(({ letter, place, width }) => [letter, { place, width: scaled(width) }])),
  };
}
