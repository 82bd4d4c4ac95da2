import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { expect, test } from "vitest";
import { withLetters } from "@/app/_lib/chinese-font";
import { type Drawn, lettersToEmbed, pdfOf } from "@/app/_lib/pdf-of";
import { fontFiles } from "@/worker/report/font";

const part = (name: string, attributes: Record<string, string> = {}, inner: string | Drawn[] = []): Drawn => ({
  name,
  attributes,
  text: typeof inner === "string" ? inner : inner.map(({ text }) => text).join(""),
  parts: typeof inner === "string" ? [] : inner,
});
const drawing = (...parts: Drawn[]) => part("svg", { viewBox: "0 0 100 50" }, parts);
const options = {
  title: "数 1",
  widthMm: 50,
  measure: (text: string, size: number) => (text.length * size) / 2,
  embedded: null,
};

/** Poppler reads what another hand wrote; where it is not there these tests say so. */
const hasPoppler = (() => {
  try {
    execFileSync("pdftoppm", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

function seen<T>(pdf: string, look: (file: string, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "pdf-of-"));
  const file = join(folder, "figure.pdf");
  writeFileSync(file, pdf, "latin1");
  try {
    return look(file, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The colour at a place of the drawing, as Poppler paints it at ten dots a unit. */
async function colourAt(pdf: string, x: number, y: number): Promise<string> {
  const png = seen(pdf, (file) =>
    execFileSync("pdftoppm", ["-png", "-scale-to-x", "1000", "-scale-to-y", "500", file], { stdio: "pipe" }),
  );
  const [r = 0, g = 0, b = 0] = await sharp(png)
    .extract({ left: 10 * x, top: 10 * y, width: 1, height: 1 })
    .removeAlpha()
    .raw()
    .toBuffer();
  return `#${[r, g, b].map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const chinese = (await readFile(fontFiles.normal)) as Uint8Array;
/** The PDF of a drawing with whatever font it needs. */
const withFont = async (drawn: Drawn) =>
  pdfOf(drawn, { ...options, embedded: await withLetters(chinese, lettersToEmbed(drawn)) });

test("a PDF holds its own map: every object lies where its table says", async () => {
  const pdf = await withFont(drawing(part("text", { x: "1", y: "9" }, "1 − specificity, R2→R10 ◆ 灵敏度")));
  const start = Number(/startxref\n(\d+)/.exec(pdf)?.[1]);
  const [, ...places] = pdf.slice(start).matchAll(/^(\d{10}) \d{5} [nf] $/gm);
  expect(places.length).toBeGreaterThan(6);
  for (const [at, [, place]] of places.entries())
    expect(pdf.slice(Number(place))).toMatch(new RegExp(`^${at + 1} 0 obj\n`));
  const [, length, stream] = /\/Length (\d+) >>\nstream\n([\s\S]*?)\nendstream/.exec(pdf) ?? [];
  expect(stream).toHaveLength(Number(length));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: every byte is ASCII, so that characters are bytes
  expect(pdf).toMatch(/^[\x00-\x7f]*$/);
  expect(pdf).toContain(`/MediaBox [0 0 ${Math.round((50 / 25.4) * 72 * 1000) / 1000} `);
});

test("letters that Helvetica lacks are those of an embedded font, and a figure without it is refused", async () => {
  const drawn = drawing(part("text", { x: "1", y: "9" }, "AUC 灵敏度、特异度 ≥ 95%"));
  expect(lettersToEmbed(drawn)).toEqual([..."灵敏度、特异"]);
  expect(() => pdfOf(drawn, options)).toThrow(/letter 灵/);
  const pdf = await withFont(drawn);
  expect(pdf).toContain("/E 12 Tf");
  expect(pdf.length, "a few letters, not the whole font").toBeLessThan(100_000);
  await expect(withLetters(chinese, ["\u{1f600}"])).rejects.toThrow(/has no/);
});

test.skipIf(!hasPoppler)(
  "another program finds the Chinese font embedded, draws its letters and reads them",
  async () => {
    const pdf = await withFont(
      drawing(
        part("rect", { width: "100", height: "50", fill: "#ffffff" }),
        part("text", { x: "10", y: "45", "font-size": "40", fill: "#ff0000" }, "口AUC度"),
      ),
    );
    const fonts = seen(pdf, (file) => execFileSync("pdffonts", [file], { stdio: "pipe" }).toString());
    // name, type, encoding, emb, sub, uni
    expect(fonts).toMatch(/ABCDEF\+NotoSansSC\S*\s+CID TrueType\s+Identity-H\s+yes yes yes/);
    expect(seen(pdf, (file) => execFileSync("pdftotext", [file, "-"], { stdio: "pipe" }).toString())).toMatch(
      /口\s*AUC\s*度/,
    );
    // A mouth is a frame: its left stroke is there and its middle is empty.
    expect(await colourAt(pdf, 30, 30), "its middle").toBe("#ffffff");
    const row = await Promise.all([12, 13, 14, 15, 16].map((x) => colourAt(pdf, x, 30)));
    expect(row, "its left stroke").toContain("#ff0000");
  },
);

test("what cannot be drawn is refused, not left out", () => {
  expect(() => pdfOf(drawing(part("path", { d: "M0 0T1 1" })), options)).toThrow("command T");
});

test.skipIf(!hasPoppler)("another program reads the words, and signs that Helvetica lacks", () => {
  const pdf = pdfOf(
    drawing(part("text", { x: "1", y: "9", "font-size": "4" }, "1 − specificity, R2→R10 ◆ 95 %")),
    options,
  );
  const text = seen(pdf, (file) => execFileSync("pdftotext", [file, "-"], { stdio: "pipe" }).toString());
  for (const word of ["1 − specificity", "→R10", "95 %"]) expect(text).toContain(word);
});

test.skipIf(!hasPoppler)(
  "and paints shapes where they lie: arcs, turns, drawings in drawings, what is hollow, faint or cut off",
  async () => {
    const pdf = pdfOf(
      drawing(
        part("rect", { width: "100", height: "50", fill: "#ffffff" }),
        part("defs", {}, [
          part("clipPath", { id: "half" }, [part("rect", { x: "0", y: "0", width: "10", height: "20" })]),
        ]),
        part("rect", { x: "0", y: "0", width: "20", height: "20", fill: "#ff0000", "clip-path": "url(#half)" }),
        part("path", {
          d: "M30 10a8 8 0 1 0 16 0a8 8 0 1 0 -16 0Z",
          fill: "#ffffff",
          stroke: "#0000ff",
          "stroke-width": "2",
        }),
        part("g", { transform: "rotate(-90, 60, 10)" }, [
          part("rect", { x: "60", y: "10", width: "8", height: "4", fill: "#00ff00" }),
        ]),
        part("svg", { x: "80", y: "0", width: "20", height: "20", viewBox: "0 0 10 10" }, [
          part("circle", { cx: "5", cy: "5", r: "4", fill: "#000000", "fill-opacity": "0.5" }),
        ]),
      ),
      options,
    );
    expect(await colourAt(pdf, 5, 10)).toBe("#ff0000");
    expect(await colourAt(pdf, 15, 10), "cut off").toBe("#ffffff");
    expect(await colourAt(pdf, 38, 10), "hollow").toBe("#ffffff");
    expect(await colourAt(pdf, 38, 2), "its rim").toBe("#0000ff");
    expect(await colourAt(pdf, 62, 5), "turned upwards").toBe("#00ff00");
    expect(await colourAt(pdf, 66, 12), "where it would lie unturned").toBe("#ffffff");
    expect(await colourAt(pdf, 90, 10), "half as dark").toMatch(/^#(7f|80)/);
    expect(await colourAt(pdf, 98, 1), "beside the circle").toBe("#ffffff");
  },
);
