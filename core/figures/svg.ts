/** Drawings as text: every look is an attribute, colours are sRGB, and the one font is named, so that any program draws them alike. */

export const ink = {
  text: "#1a1f24",
  soft: "#5a646e",
  line: "#8a949e",
  grid: "#dde2e7",
  accent: "#0b6e75",
  paper: "#ffffff",
};

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

type Attributes = Readonly<Record<string, string | number | undefined>>;

const rounded = (value: string | number): string =>
  typeof value === "number" ? String(Math.round(value * 100) / 100) : escaped(value);

/** An element; what stands in it is SVG already. */
export function element(name: string, attributes: Attributes, inner = ""): string {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${rounded(value)}"`]))
    .join("");
  return inner ? `<${name}${written}>${inner}</${name}>` : `<${name}${written}/>`;
}

/** A font of Chinese letters draws curly quotes as wide as those: among Latin letters they stand straight. */
const straight = (text: string): string =>
  /[\u2e80-\uffff]/.test(text) ? text : text.replaceAll(/[‘’]/g, "'").replaceAll(/[“”]/g, '"');

/** A line of text with its base at y. */
export const label = (
  text: string,
  at: {
    x: number;
    y: number;
    size?: number;
    anchor?: "start" | "middle" | "end";
    fill?: string;
    bold?: boolean;
    turned?: boolean;
  },
): string =>
  element(
    "text",
    {
      x: at.x,
      y: at.y,
      "font-size": at.size ?? 11,
      "text-anchor": at.anchor ?? "start",
      fill: at.fill ?? ink.text,
      "font-weight": at.bold ? "bold" : undefined,
      transform: at.turned ? `rotate(-90 ${rounded(at.x)} ${rounded(at.y)})` : undefined,
    },
    escaped(straight(text)),
  );

export const line = (
  from: { x: number; y: number },
  to: { x: number; y: number },
  look: { stroke: string; width?: number; dash?: string | undefined },
): string =>
  element("line", {
    x1: from.x,
    y1: from.y,
    x2: to.x,
    y2: to.y,
    stroke: look.stroke,
    "stroke-width": look.width ?? 1,
    "stroke-dasharray": look.dash,
  });

export const pathThrough = (points: readonly { x: number; y: number }[]): string =>
  points.map(({ x, y }, at) => `${at === 0 ? "M" : "L"}${rounded(x)} ${rounded(y)}`).join("");

/** About how wide a text is, px: Latin letters are half as wide as Chinese ones, but for the narrowest and capitals. */
export const widthOf = (text: string, size: number): number =>
  [...text].reduce(
    (sum, letter) =>
      sum + (letter > "\u2e7f" ? 1 : "fijlrtI .,:;()|'".includes(letter) ? 0.33 : /[A-Z%]/.test(letter) ? 0.7 : 0.57),
    0,
  ) * size;

/** A text in lines of at most so many px, broken between words, or between Chinese letters. */
export function inLines(text: string, width: number, size: number): string[] {
  const words = text.match(/[\u2e80-\uffff]|[^ \u2e80-\uffff]+ */g) ?? [];
  const lines: string[] = [];
  let current = "";
  for (const word of words) {
    if (current && widthOf(`${current}${word}`.trimEnd(), size) > width) {
      lines.push(current.trimEnd());
      current = word;
    } else current += word;
  }
  return current ? [...lines, current.trimEnd()] : lines;
}

/**
 * A whole drawing on white.
 * @param options.mark stands in its corner: a figure is taken out of its report
 */
export function drawing(
  size: { width: number; height: number; font: string; mark: string | null },
  parts: readonly string[],
): string {
  const { width, height, font, mark } = size;
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      "font-family": font,
      "font-weight": "normal",
    },
    [
      element("rect", { x: 0, y: 0, width, height, fill: ink.paper }),
      ...parts,
      mark ? label(mark, { x: width - 6, y: 14, size: 11, anchor: "end", fill: "#a4262c", bold: true }) : "",
    ].join(""),
  );
}
