"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { cn } from "@/app/_components/class-names";
import { CropImage } from "@/app/_components/crop-image";
import { ResultBadge } from "@/app/_components/result-badge";
import type { CasesOutput, ExploredImage, ExploredNode } from "@/server/schemas/cases";
import { isNetworkRight, truthOf } from "./questions";

const rowHeight = 72;

/** The nodes that were found, only those in sight drawn. */
export function CaseList({
  study,
  parties,
  shown,
  active,
  onOpen,
}: {
  study: string;
  parties: CasesOutput["parties"];
  shown: readonly { node: ExploredNode; images: readonly ExploredImage[] }[];
  active: string | null;
  onOpen: (id: string) => void;
}) {
  const t = useTranslations("cases");
  const scroller = useRef<HTMLElement>(null);
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 8,
  });
  const place = shown.findIndex(({ node }) => node.id === active);
  useEffect(() => {
    if (place >= 0) virtualizer.scrollToIndex(place, { align: "auto" });
  }, [place, virtualizer]);
  if (shown.length === 0)
    return (
      <p className="rounded-md border border-line-strong border-dashed px-6 py-10 text-center text-soft">
        {t("noMatch")}
      </p>
    );
  return (
    <section
      ref={scroller}
      className="h-[70vh] overflow-y-auto rounded-md border border-line bg-surface"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      aria-label={t("list")}
    >
      <ul className="relative" style={{ height: virtualizer.getTotalSize() }}>
        {virtualizer.getVirtualItems().map(({ index, start }) => {
          const row = shown[index];
          if (!row) return null;
          const { node, images } = row;
          return (
            <li
              key={node.id}
              className="absolute top-0 left-0 w-full border-line border-b"
              style={{ height: rowHeight, transform: `translateY(${start}px)` }}
              aria-setsize={shown.length}
              aria-posinset={index + 1}
            >
              <button
                type="button"
                tabIndex={-1}
                aria-current={node.id === active ? "true" : undefined}
                onClick={() => onOpen(node.id)}
                className={cn(
                  "flex h-full w-full items-center gap-3 px-3 text-left hover:bg-raised",
                  node.id === active && "bg-accent-soft shadow-[inset_3px_0_0_var(--accent)]",
                )}
              >
                <span className="flex shrink-0 gap-1">
                  {node.images.slice(0, 3).map(({ cropId, sha256 }) => (
                    <CropImage
                      key={cropId}
                      study={study}
                      crop={{ sha256 }}
                      alt=""
                      className={cn(
                        "size-12 rounded-sm bg-image object-contain",
                        images.every((image) => image.cropId !== cropId) && "opacity-40",
                      )}
                    />
                  ))}
                </span>
                <span className="grid min-w-0 flex-1 gap-0.5">
                  <span className="flex flex-wrap items-center gap-x-2">
                    <span className="font-medium">{t("name", { subject: node.subject, node: node.label })}</span>
                    <ResultBadge result={node.result} />
                  </span>
                  <Said node={node} images={images} parties={parties} />
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** How many of the calls are right, and how the network scored the images. */
function Said({
  node,
  images,
  parties,
}: {
  node: ExploredNode;
  images: readonly ExploredImage[];
  parties: CasesOutput["parties"];
}) {
  const t = useTranslations("cases");
  const truth = truthOf(node);
  const calls = images.flatMap((image) => parties.flatMap((_, place) => image.calls[place] ?? []));
  const scored = images.filter(({ network }) => network !== null);
  return (
    <span className="numbers flex flex-wrap gap-x-3 text-soft text-xs">
      {truth === null || calls.length === 0 ? null : (
        <span>{t("right", { right: calls.filter((call) => call === truth).length, of: calls.length })}</span>
      )}
      {scored.length > 0 ? (
        <span>
          {t("scores")}{" "}
          {scored.map((image) => {
            const isRight = isNetworkRight(image, truth);
            return (
              <span key={image.cropId} className={cn("mr-1.5", isRight === false && "font-medium text-danger")}>
                {image.network?.score.toFixed(2)}
                {isRight === false ? " ✗" : ""}
              </span>
            );
          })}
        </span>
      ) : null}
    </span>
  );
}
