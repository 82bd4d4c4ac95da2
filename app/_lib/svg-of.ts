/**
 * A laid-out sheet as one SVG that any viewer draws alike: boxes, lines of text and drawings at their places, every look written out as
 * attributes in sRGB; no style sheet, class or variable is left. Fonts are named, not embedded.
 * @param sheet on the page, with the theme and fonts it shall have; holds plain boxes, text and SVG drawings
 * @param options.widthMm the width in print, millimetres; the height follows
 */
export function svgOf(sheet: HTMLElement, options: { title: string; description: string; widthMm: number }): string {
  const { left, top, width, height } = sheet.getBoundingClientRect();
  const mm = options.widthMm / width;
  const root = element("svg", {
    width: `${options.widthMm}mm`,
    height: `${round(height * mm)}mm`,
    viewBox: `0 0 ${round(width)} ${round(height)}`,
    "font-family": getComputedStyle(sheet).fontFamily.replaceAll('"', "'"),
  });
  for (const [name, text] of [
    ["title", options.title],
    ["desc", options.description],
  ] as const)
    root.append(Object.assign(element(name, {}), { textContent: text }));
  root.append(element("rect", { width: round(width), height: round(height), fill: "#ffffff" }));
  const paper: Paper = { left, top, colours: colourReader() };
  const copy = (node: Node) => {
    if (node instanceof Text) root.append(...linesOf(node, paper));
    if (!(node instanceof HTMLElement || node instanceof SVGSVGElement)) return;
    const style = getComputedStyle(node);
    if (style.display === "none" || style.visibility === "hidden") return;
    if (node instanceof SVGSVGElement) {
      const drawing = drawingOf(node, initial, paper.colours);
      const place = node.getBoundingClientRect();
      drawing?.setAttribute("x", round(place.left - left));
      drawing?.setAttribute("y", round(place.top - top));
      // As large as the page has made it, which a drawing itself need not say.
      drawing?.setAttribute("width", round(place.width));
      drawing?.setAttribute("height", round(place.height));
      if (drawing) root.append(drawing);
      return;
    }
    if (node !== sheet) root.append(...boxOf(node, style, paper));
    for (const child of node.childNodes) copy(child);
  };
  copy(sheet);
  return new XMLSerializer().serializeToString(root);
}

/** Where the sheet lies on the screen, which is the corner of its file. */
interface Paper {
  left: number;
  top: number;
  colours: Colours;
}

const namespace = "http://www.w3.org/2000/svg";
const round = (value: number) => String(Math.round(value * 100) / 100);

function element(name: string, attributes: Record<string, string>): SVGElement {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

// ---- colours --------------------------------------------------------------------------------------------------------------

type Colours = (css: string) => { hex: string; opacity: number };

/** Any colour of CSS in sRGB, which every viewer knows, by painting a dot of it. */
function colourReader(): Colours {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("There is no canvas to read colours from.");
  const known = new Map<string, ReturnType<Colours>>();
  return (css) => {
    const before = known.get(css);
    if (before) return before;
    context.clearRect(0, 0, 1, 1);
    context.fillStyle = css;
    context.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = context.getImageData(0, 0, 1, 1).data;
    const hex = `#${[red, green, blue].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
    const colour = { hex, opacity: Math.round((alpha / 255) * 100) / 100 };
    known.set(css, colour);
    return colour;
  };
}

// ---- boxes and text -------------------------------------------------------------------------------------------------------

function boxOf(box: HTMLElement, style: CSSStyleDeclaration, { colours, ...corner }: Paper): SVGElement[] {
  const fill = colours(style.backgroundColor);
  const border = Number.parseFloat(style.borderTopWidth);
  if (fill.opacity === 0 && border === 0) return [];
  const { left, top, width, height } = box.getBoundingClientRect();
  return [
    element("rect", {
      x: round(left - corner.left + border / 2),
      y: round(top - corner.top + border / 2),
      width: round(width - border),
      height: round(height - border),
      rx: round(Number.parseFloat(style.borderTopLeftRadius) || 0),
      fill: fill.opacity === 0 ? "none" : fill.hex,
      ...(border > 0 && { stroke: colours(style.borderTopColor).hex, "stroke-width": round(border) }),
    }),
  ];
}

/** The lines into which the browser has broken a text, each where it stands. */
function linesOf(text: Text, { colours, left, top }: Paper): SVGElement[] {
  const parent = text.parentElement;
  if (!parent) return [];
  const style = getComputedStyle(parent);
  const range = document.createRange();
  const lines: { left: number; top: number; text: string }[] = [];
  let at = 0;
  for (const letter of text.data) {
    range.setStart(text, at);
    at += letter.length;
    range.setEnd(text, at);
    const [place] = range.getClientRects();
    if (!place || place.width === 0) continue;
    const line = lines.at(-1);
    if (line && Math.abs(place.top - line.top) < 1) line.text += letter;
    else lines.push({ left: place.left, top: place.top, text: letter });
  }
  const ascent = ascentOf(style);
  return lines
    .filter((line) => line.text.trim() !== "")
    .map((line) =>
      Object.assign(
        element("text", {
          x: round(line.left - left),
          y: round(line.top - top + ascent),
          "font-size": String(Number.parseFloat(style.fontSize)),
          "font-weight": style.fontWeight,
          fill: colours(style.color).hex,
        }),
        { textContent: line.text.trimEnd().replaceAll(/\s/g, " ") },
      ),
    );
}

/** From the upper edge of a line to its base. */
function ascentOf(style: CSSStyleDeclaration): number {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return Number.parseFloat(style.fontSize);
  context.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  return context.measureText("x").fontBoundingBoxAscent;
}

// ---- drawings -------------------------------------------------------------------------------------------------------------

const shapes = /^(svg|g|defs|clipPath|path|line|polyline|polygon|rect|circle|ellipse|text|tspan)$/;
const geometry = /^(id|[dxyr]|[xy][12]|d[xy]|c[xy]|r[xy]|width|height|points|transform|viewBox|clip-path)$/;
/** Looks that a drawing hands down to its parts, as SVG starts with them. */
const initial: Readonly<Record<string, string>> = {
  fill: "#000000",
  "fill-opacity": "1",
  stroke: "none",
  "stroke-width": "1",
  "stroke-opacity": "1",
  "stroke-dasharray": "none",
  "stroke-linecap": "butt",
  "stroke-linejoin": "miter",
  "font-size": "",
  "font-weight": "",
  "text-anchor": "start",
};

/** A copy of a drawing or a part of it with the looks that differ from those of its parent; null for what is not drawn. */
function drawingOf(part: SVGElement, inherited: Readonly<Record<string, string>>, colours: Colours): SVGElement | null {
  const style = getComputedStyle(part);
  if (!shapes.test(part.localName) || style.display === "none" || style.visibility === "hidden") return null;
  const copy = element(part.localName, {});
  for (const { name, value } of part.attributes) if (geometry.test(name)) copy.setAttribute(name, value);
  const own = { ...inherited };
  for (const name of Object.keys(initial)) own[name] = style.getPropertyValue(name).replaceAll("px", "");
  for (const paint of ["fill", "stroke"]) {
    const value = own[paint] ?? "none";
    if (value === "none" || value.startsWith("url(")) continue;
    const { hex, opacity } = colours(value);
    own[paint] = hex;
    own[`${paint}-opacity`] = round(opacity * Number(own[`${paint}-opacity`]));
  }
  for (const [name, value] of Object.entries(own)) if (value !== inherited[name]) copy.setAttribute(name, value);
  if (style.opacity !== "1") copy.setAttribute("opacity", style.opacity);
  for (const child of part.childNodes) {
    if (child instanceof Text) copy.append(child.data);
    const drawn = child instanceof SVGElement ? drawingOf(child, own, colours) : null;
    if (drawn) copy.append(drawn);
  }
  return copy;
}
