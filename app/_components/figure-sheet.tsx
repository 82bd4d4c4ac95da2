"use client";

import { type ReactNode, useEffect, useRef } from "react";
import { createPortal } from "react-dom";
import { chineseFont } from "@/app/_lib/chinese-font";
import { type Drawn, lettersToEmbed, pdfOf } from "@/app/_lib/pdf-of";
import { withDensity } from "@/app/_lib/png-density";
import { save } from "@/app/_lib/save";
import { svgOf } from "@/app/_lib/svg-of";

/** A column of a journal's page, and two. */
export const printWidths = [85, 170] as const;
export interface FigureFormat {
  kind: "svg" | "pdf" | "png";
  widthMm: (typeof printWidths)[number];
}

const dotsPerInch = 300;
/** Of the layout to a millimetre of print: text of 12 px comes out at 7 points. */
const pixelsPerMm = 5;
/** So many frames in a row look the same when a chart has found its size and its axes their labels. */
const settledFrames = 6;

/**
 * A figure as it is printed: laid out anew beside the screen, at its width, in the light theme and in fonts that every machine has or
 * replaces by ones as wide; given as a file once its chart, which has axes with labels, has settled.
 */
export function FigureSheet({
  format,
  title,
  description,
  children,
  onDone,
}: {
  format: FigureFormat;
  title: string;
  description: string;
  children: ReactNode;
  /** With what went wrong, if anything did. */
  onDone: (problem: unknown) => void;
}) {
  const sheet = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let [frame, before, same] = [0, "", 0];
    const look = () => {
      const now = sheet.current?.innerHTML ?? "";
      same = now === before && sheet.current?.querySelector("svg text") ? same + 1 : 0;
      before = now;
      if (same < settledFrames || !sheet.current) {
        frame = requestAnimationFrame(look);
        return;
      }
      fileOf(sheet.current, { title, description, ...format })
        .then((file) => save(file, `${title}.${format.kind}`))
        .then(() => onDone(null), onDone);
    };
    frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [format, title, description, onDone]);
  return createPortal(
    <div
      ref={sheet}
      data-theme="light"
      aria-hidden="true"
      inert
      className="no-print fixed top-0 bg-surface p-3 text-text"
      style={{
        left: -10_000,
        width: format.widthMm * pixelsPerMm,
        fontFamily:
          'Arial, Helvetica, "Liberation Sans", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
      }}
    >
      {children}
    </div>,
    document.body,
  );
}

async function fileOf(
  sheet: HTMLElement,
  { kind, widthMm, ...about }: FigureFormat & { title: string; description: string },
): Promise<Blob> {
  const source = svgOf(sheet, { ...about, widthMm });
  if (kind === "pdf") {
    const root = new DOMParser().parseFromString(source, "image/svg+xml").documentElement;
    const drawn = drawnOf(root);
    const letters = lettersToEmbed(drawn);
    const pdf = pdfOf(drawn, {
      title: about.title,
      widthMm,
      measure: measureOf(sheet),
      embedded: letters.length > 0 ? await chineseFont(letters) : null,
    });
    return new Blob([pdf], { type: "application/pdf" });
  }
  const drawing = new Blob([source], { type: "image/svg+xml" });
  if (kind === "svg") return drawing;
  const image = new Image();
  image.src = URL.createObjectURL(drawing);
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.round((widthMm / 25.4) * dotsPerInch);
  canvas.height = Math.round((canvas.width * image.naturalHeight) / image.naturalWidth);
  canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  const png = await new Promise<Blob | null>((made) => canvas.toBlob(made, "image/png"));
  if (!png) throw new Error(`The browser made no PNG of ${canvas.width} x ${canvas.height} dots.`);
  return new Blob([withDensity(new Uint8Array(await png.arrayBuffer()), dotsPerInch)], { type: "image/png" });
}

const drawnOf = (element: Element): Drawn => ({
  name: element.localName,
  attributes: Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value])),
  text: element.textContent ?? "",
  parts: [...element.children].map(drawnOf),
});

/** Text is as wide in the file as on the sheet: its fonts are as wide as Helvetica. */
function measureOf(sheet: HTMLElement): (text: string, size: number, isBold: boolean) => number {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) throw new Error("There is no canvas to measure text on.");
  const { fontFamily } = getComputedStyle(sheet);
  return (text, size, isBold) => {
    context.font = `${isBold ? 700 : 400} ${size}px ${fontFamily}`;
    return context.measureText(text).width;
  };
}
