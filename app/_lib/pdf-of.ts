/** A part of a drawing as `svgOf` writes it: looks are attributes, nothing hangs on a style sheet. */
export interface Drawn {
  name: string;
  attributes: Readonly<Record<string, string>>;
  /** Of text and its pieces. */
  text: string;
  parts: readonly Drawn[];
}

/** How wide a text is, in the units of the drawing. */
export type Measure = (text: string, size: number, isBold: boolean) => number;

type Matrix = readonly [number, number, number, number, number, number];
const identity: Matrix = [1, 0, 0, 1, 0, 0];

const times = ([a, b, c, d, e, f]: Matrix, [g, h, i, j, k, l]: Matrix): Matrix => [
  a * g + c * h,
  b * g + d * h,
  a * i + c * j,
  b * i + d * j,
  a * k + c * l + e,
  b * k + d * l + f,
];

const round = (value: number) => String(Math.round(value * 1000) / 1000);
const numbersOf = (text = "") => (text.match(/-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi) ?? []).map(Number);

/** A font with the letters of one drawing. Lengths are thousandths of the size of a letter. */
export interface EmbeddedFont {
  name: string;
  /** TrueType. */
  file: Uint8Array;
  box: readonly number[];
  ascent: number;
  descent: number;
  capHeight: number;
  /** Where each letter is in the file. */
  glyphs: ReadonlyMap<string, { place: number; width: number }>;
}

/** The fonts that every viewer of PDF has, none of which is embedded. */
const fonts = [
  { name: "H", dictionary: "/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding" },
  { name: "B", dictionary: "/Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding" },
  { name: "S", dictionary: "/Type /Font /Subtype /Type1 /BaseFont /Symbol" },
  { name: "Z", dictionary: "/Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats" },
] as const;
/** E: the embedded one. */
type FontName = (typeof fonts)[number]["name"] | "E";

/** Signs that Helvetica lacks, where Symbol and ZapfDingbats have them. */
const symbols: Readonly<Record<string, number>> = { "−": 0x2d, "→": 0xae, "≤": 0xa3, "≥": 0xb3, "≠": 0xb9 };
const dingbats: Readonly<Record<string, number>> = { "◆": 0x75, "▲": 0x73, "▼": 0x74, "■": 0x6e, "●": 0x6c, "✗": 0x37 };
/** What stands above Latin-1 in the encoding of Helvetica. */
const winAnsi: Readonly<Record<string, number>> = {
  "€": 0x80,
  "…": 0x85,
  "‘": 0x91,
  "’": 0x92,
  "“": 0x93,
  "”": 0x94,
  "•": 0x95,
  "–": 0x96,
  "—": 0x97,
};

const hex = (value: number, digits: number) => value.toString(16).padStart(digits, "0");

function codeOf(sign: string, isBold: boolean, embedded: EmbeddedFont | null): { font: FontName; code: string } {
  const symbol = symbols[sign];
  if (symbol !== undefined) return { font: "S", code: hex(symbol, 2) };
  const dingbat = dingbats[sign];
  if (dingbat !== undefined) return { font: "Z", code: hex(dingbat, 2) };
  const latin = latinCodeOf(sign);
  if (latin !== undefined) return { font: isBold ? "B" : "H", code: hex(latin, 2) };
  const glyph = embedded?.glyphs.get(sign);
  if (!glyph) throw new Error(`A figure has the letter ${sign}, of which no font is embedded.`);
  return { font: "E", code: hex(glyph.place, 4) };
}

function latinCodeOf(sign: string): number | undefined {
  const point = sign.codePointAt(0) ?? 0x20;
  return point < 0x80 || (point >= 0xa0 && point <= 0xff) ? point : winAnsi[sign];
}

/** The letters of a drawing that the fonts of every viewer lack: of these one is to be embedded. */
export function lettersToEmbed(drawing: Drawn): string[] {
  const lacking = (part: Drawn): string[] =>
    part.name === "text"
      ? [...part.text].filter((sign) => !(sign in symbols) && !(sign in dingbats) && latinCodeOf(sign) === undefined)
      : part.parts.flatMap(lacking);
  return [...new Set(lacking(drawing))];
}

/** A text in pieces of one font each. */
function piecesOf(
  text: string,
  isBold: boolean,
  embedded: EmbeddedFont | null,
): { font: FontName; text: string; codes: string }[] {
  const pieces: { font: FontName; text: string; codes: string }[] = [];
  for (const sign of text) {
    const { font, code } = codeOf(sign, isBold, embedded);
    const last = pieces.at(-1);
    if (last?.font === font) {
      last.text += sign;
      last.codes += code;
    } else pieces.push({ font, text: sign, codes: code });
  }
  return pieces;
}

/**
 * A drawing as a PDF of one page: lines and letters, no picture of them, in fonts that every viewer brings along and one that is embedded.
 * @param drawing the root of what `svgOf` writes, with a `viewBox`
 * @param options.widthMm the width of the page, millimetres; the height follows
 * @param options.embedded has `lettersToEmbed`; null where there are none
 */
export function pdfOf(
  drawing: Drawn,
  options: { title: string; widthMm: number; measure: Measure; embedded: EmbeddedFont | null },
): string {
  const [, , width = 1, height = 1] = numbersOf(drawing.attributes.viewBox);
  const scale = ((options.widthMm / 25.4) * 72) / width;
  const { measure, embedded } = options;
  const opacities: string[] = [];
  const clips = new Map<string, Drawn>();
  const gather = (part: Drawn) => {
    if (part.name === "clipPath" && part.attributes.id) clips.set(part.attributes.id, part);
    part.parts.forEach(gather);
  };
  gather(drawing);
  const content = [
    `${[scale, 0, 0, -scale, 0, height * scale].map(round).join(" ")} cm`,
    ...drawing.parts.flatMap((part) => written(part, initial, { opacities, clips, measure, embedded })),
  ].join("\n");
  return documentOf(content, {
    box: [width * scale, height * scale],
    title: options.title,
    opacities,
    embedded,
  });
}

/** Objects, their places, and where to find these: PDF 1.4. Every byte is ASCII. */
function documentOf(
  content: string,
  about: { box: [number, number]; title: string; opacities: string[]; embedded: EmbeddedFont | null },
): string {
  const first = 6;
  // A viewer without the fonts of a language complains of a font that is named, used or not.
  const used = fonts.filter(({ name }) => content.includes(`\n/${name} `));
  const fontObjects = [
    ...used.map(({ dictionary }) => `<< ${dictionary} >>`),
    ...(about.embedded ? embeddedObjects(about.embedded, first + used.length) : []),
  ];
  const names = [...used.map(({ name }) => name), ...(about.embedded ? ["E"] : [])]
    .map((name, at) => `/${name} ${first + at} 0 R`)
    .join(" ");
  const states = about.opacities.map((opacity, at) => `/O${at} << /ca ${opacity} /CA ${opacity} >>`).join(" ");
  const title = [0xfeff, ...[...about.title].map((sign) => sign.codePointAt(0) ?? 0x20)].map((point) => hex(point, 4));
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${about.box.map(round).join(" ")}] /Contents 4 0 R /Resources << /Font << ${names} >> /ExtGState << ${states} >> >> >>`,
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    `<< /Title <${title.join("")}> /Producer (Nodewise) >>`,
    ...fontObjects,
  ];
  let file = "%PDF-1.4\n";
  const places = objects.map((object, at) => {
    const place = file.length;
    file += `${at + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = file.length;
  const entries = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  return `${file}xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 5 0 R >>\nstartxref\n${table}\n%%EOF\n`;
}

/** An embedded font, its letters by their place in it, its description, its file, and what each place says as text. */
function embeddedObjects({ name, file, box, ascent, descent, capHeight, glyphs }: EmbeddedFont, at: number): string[] {
  // Six letters before the name: a part of the font.
  const base = `/ABCDEF+${name}`;
  const letters = [...glyphs];
  const widths = letters.map(([, { place, width }]) => `${place} [${width}]`).join(" ");
  const bytes = [...file].map((byte) => hex(byte, 2)).join("");
  const inUnicode = (letter: string) =>
    Array.from({ length: letter.length }, (_, i) => hex(letter.charCodeAt(i), 4)).join("");
  // A block of such a map holds a hundred at most.
  const blocks = Array.from({ length: Math.ceil(letters.length / 100) }, (_, i) =>
    letters.slice(100 * i, 100 * (i + 1)),
  ).map(
    (block) =>
      `${block.length} beginbfchar\n${block.map(([letter, { place }]) => `<${hex(place, 4)}> <${inUnicode(letter)}>`).join("\n")}\nendbfchar`,
  );
  const map = `/CIDInit /ProcSet
findresource
begin
12 dict
begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS
def
/CMapType 2 def
1 begincodespacerange
<0000> <ffff>
endcodespacerange
${blocks.join("\n")}
endcmap
CMapName
currentdict /CMap
defineresource
pop
end
end`;
  const stream = (dictionary: string, content: string) =>
    `<< ${dictionary}/Length ${content.length} >>\nstream\n${content}\nendstream`;
  return [
    `<< /Type /Font /Subtype /Type0 /BaseFont ${base} /Encoding /Identity-H /DescendantFonts [${at + 1} 0 R] /ToUnicode ${at + 4} 0 R >>`,
    `<< /Type /Font /Subtype /CIDFontType2 /BaseFont ${base} /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor ${at + 2} 0 R /DW 1000 /W [${widths}] /CIDToGIDMap /Identity >>`,
    `<< /Type /FontDescriptor /FontName ${base} /Flags 4 /FontBBox [${box.join(" ")}] /ItalicAngle 0 /Ascent ${ascent} /Descent ${descent} /CapHeight ${capHeight} /StemV 80 /FontFile2 ${at + 3} 0 R >>`,
    stream(`/Filter /ASCIIHexDecode /Length1 ${file.length} `, `${bytes}>`),
    stream("", map),
  ];
}

// ---- parts ----------------------------------------------------------------------------------------------------------------

/** Looks that are handed down. */
type Looks = Readonly<Record<string, string>>;
const initial: Looks = {
  fill: "#000000",
  "fill-opacity": "1",
  stroke: "none",
  "stroke-width": "1",
  "stroke-opacity": "1",
  "stroke-dasharray": "none",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  "font-size": "12",
  "font-weight": "400",
  "text-anchor": "start",
  opacity: "1",
};

interface Sheet {
  /** Of the states that the page names. */
  opacities: string[];
  clips: ReadonlyMap<string, Drawn>;
  measure: Measure;
  embedded: EmbeddedFont | null;
}

function written(part: Drawn, inherited: Looks, sheet: Sheet): string[] {
  const { name, attributes } = part;
  if (["title", "desc", "defs", "clipPath"].includes(name)) return [];
  const looks: Record<string, string> = { ...inherited };
  for (const key of Object.keys(initial)) if (attributes[key] !== undefined) looks[key] = attributes[key] ?? "";
  // A part is as faint as all that it stands in.
  if (attributes.opacity !== undefined) looks.opacity = String(Number(inherited.opacity) * Number(attributes.opacity));
  const matrix = placed(part);
  const inner =
    name === "text"
      ? letters(part, looks, sheet)
      : name === "svg" || name === "g"
        ? part.parts.flatMap((each) => written(each, looks, sheet))
        : painted(outline(part), looks, sheet);
  if (inner.length === 0) return [];
  const clip = sheet.clips.get(/url\(["']?#([^"')]+)/.exec(attributes["clip-path"] ?? "")?.[1] ?? "");
  const before = [
    ...(matrix === identity ? [] : [`${matrix.map(round).join(" ")} cm`]),
    ...(clip ? [...clip.parts.map(outline), "W n"] : []),
  ];
  return before.length === 0 ? inner : ["q", ...before, ...inner, "Q"];
}

/** Where a part lies in what holds it. */
function placed({ name, attributes }: Drawn): Matrix {
  if (name === "svg") {
    const [x = 0, y = 0] = [attributes.x, attributes.y].map((value) => Number(value ?? 0));
    const [left = 0, top = 0, width, height] = numbersOf(attributes.viewBox);
    const [wide, tall] = [numbersOf(attributes.width)[0], numbersOf(attributes.height)[0]];
    // The drawing keeps its shape and stands in the middle, as SVG has it.
    const fit = width && height && wide && tall ? Math.min(wide / width, tall / height) : 1;
    const aside = (room: number | undefined, size: number | undefined) => (room && size ? (room - size * fit) / 2 : 0);
    return [fit, 0, 0, fit, x + aside(wide, width) - left * fit, y + aside(tall, height) - top * fit];
  }
  let matrix = identity;
  for (const [, kind, list] of (attributes.transform ?? "").matchAll(/(\w+)\(([^)]*)\)/g)) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbersOf(list);
    if (kind === "translate") matrix = times(matrix, [1, 0, 0, 1, a, b]);
    if (kind === "scale") matrix = times(matrix, [a, 0, 0, numbersOf(list).length > 1 ? b : a, 0, 0]);
    if (kind === "matrix") matrix = times(matrix, [a, b, c, d, e, f]);
    if (kind === "rotate") {
      const [cos, sin] = [Math.cos((a * Math.PI) / 180), Math.sin((a * Math.PI) / 180)];
      matrix = times(times(times(matrix, [1, 0, 0, 1, b, c]), [cos, sin, -sin, cos, 0, 0]), [1, 0, 0, 1, -b, -c]);
    }
  }
  return matrix;
}

const colourOf = (css: string) =>
  [1, 3, 5].map((at) => round(Number.parseInt(css.slice(at, at + 2), 16) / 255)).join(" ");

function stateOf(opacity: number, sheet: Sheet): string[] {
  if (opacity >= 1) return [];
  const value = round(opacity);
  if (!sheet.opacities.includes(value)) sheet.opacities.push(value);
  return [`/O${sheet.opacities.indexOf(value)} gs`];
}

function painted(path: string, looks: Looks, sheet: Sheet): string[] {
  if (path === "") return [];
  const paint = (what: "fill" | "stroke"): string[] => {
    const colour = looks[what] ?? "none";
    const opacity = Number(looks[`${what}-opacity`]) * Number(looks.opacity);
    if (!/^#[0-9a-f]{6}$/i.test(colour) || opacity === 0) return [];
    if (what === "fill") return ["q", ...stateOf(opacity, sheet), `${colourOf(colour)} rg`, path, "f", "Q"];
    const dashes = numbersOf(looks["stroke-dasharray"]);
    return [
      "q",
      ...stateOf(opacity, sheet),
      `${colourOf(colour)} RG`,
      `${round(numbersOf(looks["stroke-width"])[0] ?? 1)} w`,
      `${["butt", "round", "square"].indexOf(looks["stroke-linecap"] ?? "butt")} J`,
      `${["miter", "round", "bevel"].indexOf(looks["stroke-linejoin"] ?? "miter")} j`,
      ...(dashes.length > 0 ? [`[${dashes.map(round).join(" ")}] 0 d`] : []),
      path,
      "S",
      "Q",
    ];
  };
  return [...paint("fill"), ...paint("stroke")];
}

/** Lines of a text, or of its pieces, each at its place. */
function letters(part: Drawn, looks: Looks, sheet: Sheet): string[] {
  const [size, isBold] = [numbersOf(looks["font-size"])[0] ?? 12, Number(looks["font-weight"]) >= 600];
  const at = (of: Drawn, key: string, otherwise: number) => numbersOf(of.attributes[key])[0] ?? otherwise;
  const shift = (of: Drawn) => {
    const [value = 0] = numbersOf(of.attributes.dy);
    return (of.attributes.dy ?? "").endsWith("em") ? value * size : value;
  };
  const [x, y] = [at(part, "x", 0), at(part, "y", 0) + shift(part)];
  const lines =
    part.parts.length > 0
      ? part.parts.map((line) => ({ text: line.text, x: at(line, "x", x), y: at(line, "y", y) + shift(line) }))
      : [{ text: part.text, x, y }];
  const fill = looks.fill ?? "none";
  const opacity = Number(looks["fill-opacity"]) * Number(looks.opacity);
  if (!/^#[0-9a-f]{6}$/i.test(fill) || opacity === 0) return [];
  return lines.flatMap((line) => {
    if (line.text.trim() === "") return [];
    const width = sheet.measure(line.text, size, isBold);
    const share = looks["text-anchor"] === "middle" ? 0.5 : looks["text-anchor"] === "end" ? 1 : 0;
    let left = line.x - share * width;
    const pieces = piecesOf(line.text, isBold, sheet.embedded).flatMap(({ font, text, codes }) => {
      const place = left;
      left += sheet.measure(text, size, isBold);
      // The page stands upside down for letters.
      return [
        "BT",
        `/${font} ${round(size)} Tf`,
        `1 0 0 -1 ${round(place)} ${round(line.y)} Tm`,
        `<${codes}> Tj`,
        "ET",
      ];
    });
    return ["q", ...stateOf(opacity, sheet), `${colourOf(fill)} rg`, ...pieces, "Q"];
  });
}

// ---- outlines -------------------------------------------------------------------------------------------------------------

/** How far the handles of a quarter of a circle reach. */
const kappa = 0.5522847498;

function ellipse(cx: number, cy: number, rx: number, ry: number): string {
  const [kx, ky] = [rx * kappa, ry * kappa];
  return [
    `${round(cx + rx)} ${round(cy)} m`,
    ...[
      [cx + rx, cy + ky, cx + kx, cy + ry, cx, cy + ry],
      [cx - kx, cy + ry, cx - rx, cy + ky, cx - rx, cy],
      [cx - rx, cy - ky, cx - kx, cy - ry, cx, cy - ry],
      [cx + kx, cy - ry, cx + rx, cy - ky, cx + rx, cy],
    ].map((curve) => `${curve.map(round).join(" ")} c`),
    "h",
  ].join("\n");
}

function outline({ name, attributes }: Drawn): string {
  const of = (key: string) => numbersOf(attributes[key])[0] ?? 0;
  switch (name) {
    case "path":
      return pathOf(attributes.d ?? "");
    case "line":
      return `${round(of("x1"))} ${round(of("y1"))} m\n${round(of("x2"))} ${round(of("y2"))} l`;
    case "polyline":
    case "polygon": {
      const numbers = numbersOf(attributes.points);
      const points = Array.from({ length: Math.floor(numbers.length / 2) }, (_, at) =>
        numbers.slice(2 * at, 2 * at + 2),
      );
      const steps = points.map((point, at) => `${point.map(round).join(" ")} ${at === 0 ? "m" : "l"}`);
      return [...steps, ...(name === "polygon" && steps.length > 0 ? ["h"] : [])].join("\n");
    }
    case "circle":
      return ellipse(of("cx"), of("cy"), of("r"), of("r"));
    case "ellipse":
      return ellipse(of("cx"), of("cy"), of("rx"), of("ry"));
    case "rect": {
      const [x, y, width, height] = [of("x"), of("y"), of("width"), of("height")];
      const r = Math.min(of("rx"), width / 2, height / 2);
      if (r <= 0) return `${[x, y, width, height].map(round).join(" ")} re`;
      const k = r * (1 - kappa);
      const [right, bottom] = [x + width, y + height];
      return [
        `${round(x + r)} ${round(y)} m`,
        `${round(right - r)} ${round(y)} l`,
        `${[right - k, y, right, y + k, right, y + r].map(round).join(" ")} c`,
        `${round(right)} ${round(bottom - r)} l`,
        `${[right, bottom - k, right - k, bottom, right - r, bottom].map(round).join(" ")} c`,
        `${round(x + r)} ${round(bottom)} l`,
        `${[x + k, bottom, x, bottom - k, x, bottom - r].map(round).join(" ")} c`,
        `${round(x)} ${round(y + r)} l`,
        `${[x, y + k, x + k, y, x + r, y].map(round).join(" ")} c`,
        "h",
      ].join("\n");
    }
    default:
      return "";
  }
}

/** A path of SVG: lines, curves of Bezier, and arcs, which become such curves. */
function pathOf(d: string): string {
  const steps: string[] = [];
  let [x, y, fromX, fromY] = [0, 0, 0, 0];
  const write = (operator: string, ...values: number[]) => steps.push(`${values.map(round).join(" ")} ${operator}`);
  for (const [, letter = "", list] of d.matchAll(/([a-zA-Z])([^a-zA-Z]*(?:e[-+]?\d+[^a-zA-Z]*)*)/g)) {
    const command = letter.toUpperCase();
    const relative = letter !== command;
    const numbers = numbersOf(list);
    const size = { M: 2, L: 2, H: 1, V: 1, C: 6, Q: 4, A: 7, Z: 0 }[command];
    if (size === undefined) throw new Error(`A path of a figure has the command ${letter}, which is not drawn.`);
    if (command === "Z") {
      steps.push("h");
      [x, y] = [fromX, fromY];
    }
    for (let at = 0; size > 0 && at + size <= numbers.length; at += size) {
      const [ox, oy] = relative ? [x, y] : [0, 0];
      const [a = 0, b = 0, c = 0, e = 0, f = 0, g = 0, h = 0] = numbers.slice(at, at + size);
      if (command === "M") {
        [x, y] = [ox + a, oy + b];
        // Further pairs after the first are lines.
        if (at === 0) {
          [fromX, fromY] = [x, y];
          write("m", x, y);
        } else write("l", x, y);
      } else if (command === "A") {
        const [toX, toY] = [ox + g, oy + h];
        for (const curve of arcCurves({ x, y, rx: a, ry: b, turn: c, large: e !== 0, sweep: f !== 0, toX, toY }))
          write("c", ...curve);
        [x, y] = [toX, toY];
      } else if (command === "C") {
        write("c", ox + a, oy + b, ox + c, oy + e, ox + f, oy + g);
        [x, y] = [ox + f, oy + g];
      } else if (command === "Q") {
        const [cx, cy, toX, toY] = [ox + a, oy + b, ox + c, oy + e];
        write(
          "c",
          x + (2 / 3) * (cx - x),
          y + (2 / 3) * (cy - y),
          toX + (2 / 3) * (cx - toX),
          toY + (2 / 3) * (cy - toY),
          toX,
          toY,
        );
        [x, y] = [toX, toY];
      } else {
        if (command !== "V") x = ox + a;
        if (command === "V") y = oy + a;
        if (command === "L") y = oy + b;
        write("l", x, y);
      }
    }
  }
  return steps.join("\n");
}

/** SVG 1.1, appendix F.6.5: an arc by its ends as one by its centre, in pieces of a quarter turn at most. */
function arcCurves(arc: {
  x: number;
  y: number;
  rx: number;
  ry: number;
  turn: number;
  large: boolean;
  sweep: boolean;
  toX: number;
  toY: number;
}): number[][] {
  const { x, y, toX, toY, large, sweep } = arc;
  if (arc.rx === 0 || arc.ry === 0 || (x === toX && y === toY)) return [[x, y, toX, toY, toX, toY]];
  const phi = (arc.turn * Math.PI) / 180;
  const [cos, sin] = [Math.cos(phi), Math.sin(phi)];
  const [dx, dy] = [(x - toX) / 2, (y - toY) / 2];
  const [px, py] = [cos * dx + sin * dy, -sin * dx + cos * dy];
  const grow = Math.sqrt(Math.max(1, (px / arc.rx) ** 2 + (py / arc.ry) ** 2));
  const [rx, ry] = [Math.abs(arc.rx) * grow, Math.abs(arc.ry) * grow];
  const left = Math.max(0, rx ** 2 * ry ** 2 - rx ** 2 * py ** 2 - ry ** 2 * px ** 2);
  const factor = (large === sweep ? -1 : 1) * Math.sqrt(left / (rx ** 2 * py ** 2 + ry ** 2 * px ** 2));
  const [qx, qy] = [(factor * rx * py) / ry, (-factor * ry * px) / rx];
  const [cx, cy] = [cos * qx - sin * qy + (x + toX) / 2, sin * qx + cos * qy + (y + toY) / 2];
  const start = Math.atan2((py - qy) / ry, (px - qx) / rx);
  let extent = Math.atan2((-py - qy) / ry, (-px - qx) / rx) - start;
  if (sweep && extent < 0) extent += 2 * Math.PI;
  if (!sweep && extent > 0) extent -= 2 * Math.PI;
  const pieces = Math.max(1, Math.ceil(Math.abs(extent) / (Math.PI / 2) - 1e-9));
  const step = extent / pieces;
  const handle = (4 / 3) * Math.tan(step / 4);
  const at = (ux: number, uy: number) => [cx + cos * rx * ux - sin * ry * uy, cy + sin * rx * ux + cos * ry * uy];
  return Array.from({ length: pieces }, (_, i) => {
    const [from, to] = [start + i * step, start + (i + 1) * step];
    return [
      ...at(Math.cos(from) - handle * Math.sin(from), Math.sin(from) + handle * Math.cos(from)),
      ...at(Math.cos(to) + handle * Math.sin(to), Math.sin(to) - handle * Math.cos(to)),
      ...at(Math.cos(to), Math.sin(to)),
    ];
  });
}
