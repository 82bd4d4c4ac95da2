"use client";

import { useTranslations } from "next-intl";
import { type PointerEvent, useState } from "react";
import { cn } from "@/app/_components/class-names";
import { type BlackBox, boxAfterKey, boxBetween } from "./black-box";

/** Over a picture: boxes are drawn with the mouse or a finger, and moved, sized and removed by keys. */
export function BoxLayer({
  boxes,
  size,
  isPreview,
  onChange,
}: {
  boxes: readonly BlackBox[];
  size: { width: number; height: number };
  isPreview: boolean;
  onChange: (boxes: BlackBox[]) => void;
}) {
  const t = useTranslations("imaging.held.black");
  const [from, setFrom] = useState<{ x: number; y: number } | null>(null);
  const [drawn, setDrawn] = useState<BlackBox | null>(null);
  const pixelOf = ({ currentTarget, clientX, clientY }: PointerEvent<HTMLElement>) => {
    const { left, top, width, height } = currentTarget.getBoundingClientRect();
    return { x: ((clientX - left) / width) * size.width, y: ((clientY - top) / height) * size.height };
  };
  const done = () => {
    if (drawn) onChange([...boxes, drawn]);
    setFrom(null);
    setDrawn(null);
  };
  const place = ([left, top, across, down]: BlackBox) => ({
    left: `${(100 * left) / size.width}%`,
    top: `${(100 * top) / size.height}%`,
    width: `${(100 * across) / size.width}%`,
    height: `${(100 * down) / size.height}%`,
  });
  const look = isPreview ? "bg-black" : "border-2 border-[oklch(0.8_0.17_85)] bg-black/40";
  return (
    <div
      className="absolute inset-0 cursor-crosshair touch-none"
      onPointerDown={(event) => {
        if (event.target !== event.currentTarget || event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom(pixelOf(event));
      }}
      onPointerMove={(event) => {
        if (from) setDrawn(boxBetween(from, pixelOf(event), size));
      }}
      onPointerUp={done}
      onPointerCancel={done}
    >
      {boxes.map((box, at) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a box is its place in the list while it moves
          key={at}
          type="button"
          aria-label={t("box", { at: at + 1, left: box[0], top: box[1], width: box[2], height: box[3] })}
          className={cn("absolute cursor-pointer focus-visible:outline-2 focus-visible:outline-accent", look)}
          style={place(box)}
          onKeyDown={(event) => {
            const isRemoved = event.key === "Delete" || event.key === "Backspace";
            const moved = isRemoved ? undefined : boxAfterKey(box, event.nativeEvent, size);
            if (!isRemoved && !moved) return;
            event.preventDefault();
            onChange(boxes.flatMap((each, index) => (index === at ? (moved ? [moved] : []) : [each])));
          }}
        />
      ))}
      {drawn ? <div className={cn("pointer-events-none absolute", look)} style={place(drawn)} /> : null}
    </div>
  );
}
