"use client";

import { useLayoutEffect, useRef, useState } from "react";
import { lanczos } from "@/core/imaging/lanczos";
import type { ReadingCase } from "@/server/schemas/reading";
import { barsOf } from "./bars";
import type { Display } from "./use-display";

/** Longest side that is computed, in pixels of the screen: a larger one takes seconds, and is made of this by whole steps. */
const longest = 2_400;

/** The pixels of an image, RGBA, in the size that it came in; null as long as it is not there. */
function pixelsOf(image: HTMLImageElement | null) {
  const context = document.createElement("canvas").getContext("2d");
  if (!image?.complete || image.naturalWidth === 0 || !context) return null;
  const { naturalWidth: width, naturalHeight: height } = image;
  Object.assign(context.canvas, { width, height });
  context.drawImage(image, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/** A crop. The bars beside it on a canvas stay out of sight where its greys are changed: inverted they would be bright. */
export function CropImage({
  image,
  alt,
  width,
  height,
  zoom,
  kernel,
  filter,
  onCanvas,
}: Omit<ReadingCase["crops"][number], "plane"> &
  Pick<Display, "zoom" | "kernel"> & { alt: string; filter: string | undefined; onCanvas: boolean }) {
  const element = useRef<HTMLImageElement>(null);
  const enlarged = useRef<HTMLCanvasElement>(null);
  const [isThere, setIsThere] = useState(false);
  const [bars, setBars] = useState<{ across: number; down: number } | null>(null);
  const isChanged = filter !== undefined;
  const size = { width: width * zoom, height: height * zoom };
  useLayoutEffect(() => {
    const pixels = onCanvas && isChanged && isThere ? pixelsOf(element.current) : null;
    if (pixels) setBars(barsOf(pixels.data, pixels.width));
  }, [onCanvas, isChanged, isThere]);
  const isComputed = kernel === "lanczos";
  useLayoutEffect(() => {
    const context = enlarged.current?.getContext("2d");
    const pixels = isComputed && isThere ? pixelsOf(element.current) : null;
    if (!context || !pixels) return;
    const ratio = window.devicePixelRatio * zoom;
    const step = Math.ceil((Math.max(pixels.width, pixels.height) * ratio) / longest);
    const to = {
      width: Math.max(1, Math.round((pixels.width * ratio) / step)),
      height: Math.max(1, Math.round((pixels.height * ratio) / step)),
    };
    Object.assign(context.canvas, to);
    context.putImageData(new ImageData(lanczos(pixels.data, pixels, to), to.width, to.height), 0, 0);
  }, [isComputed, isThere, zoom]);

  /** Where a picture is smoothed, half a pixel of it shines with its bar. */
  const edge = (bar: number) => (bar === 0 ? 0 : (bar + (kernel === "nearest" ? 0 : 0.5)) * zoom);
  const looks = {
    maxWidth: "none",
    filter,
    clipPath: isChanged && bars ? `inset(${edge(bars.down)}px ${edge(bars.across)}px)` : undefined,
  };
  return (
    <div className="relative">
      <img
        ref={element}
        src={`data:image/png;base64,${image}`}
        alt={alt}
        {...size}
        draggable={false}
        onLoad={() => setIsThere(true)}
        style={{
          ...looks,
          imageRendering: kernel === "browser" ? "auto" : "pixelated",
          opacity: isComputed ? 0 : undefined,
        }}
        {...{ elementtiming: "case" }}
      />
      {isComputed ? (
        <canvas
          ref={enlarged}
          className="pointer-events-none absolute inset-0"
          style={{ ...looks, ...size, imageRendering: "pixelated" }}
        />
      ) : null}
    </div>
  );
}
