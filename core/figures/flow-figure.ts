import { drawing, element, ink, inLines, label, line } from "./svg";

/** A box of the flow with what leaves it on the right, and the groups into which it divides below. */
export interface FlowStep {
  main: string;
  aside: readonly { title: string; lines: readonly string[] }[];
}

const main = { x: 20, width: 250 };
const side = { x: 320, width: 250 };
const size = 11;
const leading = 15;
const padding = 9;
const gap = 26;

/** Boxes of subjects and lesions from the first screened to the images that were analysed (STARD 2015, item 19), and what each index test said of them. */
export function flowFigure(options: {
  steps: readonly FlowStep[];
  /** One box an index test: its name, and its answers by truth. */
  tests: readonly { title: string; lines: readonly string[] }[];
  font: string;
  mark: string | null;
}): { svg: string; width: number; height: number } {
  const width = 590;
  const parts: string[] = [];
  const box = (at: { x: number; y: number; width: number }, title: string, lines: readonly string[]) => {
    const head = inLines(title, at.width - 2 * padding, size);
    const rest = lines.flatMap((each) => inLines(each, at.width - 2 * padding - 8, size - 1));
    const height = (head.length + rest.length) * leading + 2 * padding - 3;
    const texts = [
      ...head.map((text, i) =>
        label(text, { x: at.x + padding, y: at.y + padding + 10 + i * leading, size, bold: lines.length > 0 }),
      ),
      ...rest.map((text, i) =>
        label(text, {
          x: at.x + padding + 8,
          y: at.y + padding + 10 + (head.length + i) * leading,
          size: size - 1,
          fill: ink.text,
        }),
      ),
    ];
    return {
      height,
      svg: element("rect", { ...at, height, rx: 3, fill: ink.paper, stroke: ink.line }) + texts.join(""),
    };
  };
  const arrow = (from: { x: number; y: number }, to: { x: number; y: number }) => {
    const down = from.x === to.x;
    const head = down ? `M${to.x} ${to.y}l-4 -7h8z` : `M${to.x} ${to.y}l-7 -4v8z`;
    return (
      line(from, { x: to.x - (down ? 0 : 6), y: to.y - (down ? 6 : 0) }, { stroke: ink.line }) +
      element("path", { d: head, fill: ink.line })
    );
  };
  let y = 24;
  const middle = main.x + main.width / 2;
  for (const [at, step] of options.steps.entries()) {
    const first = box({ ...main, y }, step.main, []);
    parts.push(first.svg);
    let below = y + first.height;
    let beside = y;
    for (const { title, lines } of step.aside) {
      const made = box({ ...side, y: beside }, title, lines);
      parts.push(
        made.svg,
        arrow(
          { x: main.x + main.width, y: y + first.height / 2 },
          { x: side.x, y: beside === y ? y + first.height / 2 : beside + 12 },
        ),
      );
      beside += made.height + 8;
    }
    below = Math.max(below, beside - 8);
    if (at < options.steps.length - 1 || options.tests.length > 0)
      parts.push(arrow({ x: middle, y: y + first.height }, { x: middle, y: below + gap }));
    y = below + gap;
  }
  const columns = Math.min(3, Math.max(1, options.tests.length));
  const room = (width - 2 * main.x - (columns - 1) * 10) / columns;
  for (let at = 0; at < options.tests.length; at += columns) {
    const row = options.tests
      .slice(at, at + columns)
      .map(({ title, lines }, i) => box({ x: main.x + i * (room + 10), y, width: room }, title, lines));
    parts.push(...row.map(({ svg }) => svg));
    y += Math.max(...row.map(({ height }) => height)) + 10;
  }
  const height = y + 4;
  return { svg: drawing({ width, height, font: options.font, mark: options.mark }, parts), width, height };
}
