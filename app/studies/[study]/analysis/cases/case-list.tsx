"use client";

import { useTranslations } from "next-intl";
import { cn } from "@/app/_components/class-names";
import { CropImage } from "@/app/_components/crop-image";
import { ResultBadge } from "@/app/_components/result-badge";
import { isNetworkRight, truthOf } from "@/core/reading/found-cases";
import type { CasesOutput, ExploredNode } from "@/server/schemas/cases";

/** The nodes of a page. By the Tab key the list is one stop: the chosen row, from which arrow keys lead on. */
export function CaseList({
  study,
  cases: { nodes, found, page, parties },
  active,
  onActive,
  onOpen,
}: {
  study: string;
  cases: CasesOutput;
  /** The id of the chosen node, which may stand on another page. */
  active: string | null;
  onActive: (id: string) => void;
  onOpen: (id: string) => void;
}) {
  const t = useTranslations("cases");
  if (nodes.length === 0)
    return (
      <p className="rounded-md border border-line-strong border-dashed px-6 py-10 text-center text-soft">
        {t("noMatch")}
      </p>
    );
  const reached = nodes.some(({ id }) => id === active) ? active : nodes[0]?.id;
  return (
    <section
      // Another page is seen from its top.
      key={page}
      className="max-h-[70vh] overflow-y-auto rounded-md border border-line bg-surface"
      aria-label={t("list")}
    >
      <ul className="divide-y divide-line">
        {nodes.map((node) => {
          const { id, images } = node;
          return (
            <li key={id} aria-setsize={found} aria-posinset={node.place}>
              <button
                type="button"
                tabIndex={id === reached ? 0 : -1}
                aria-current={id === active ? "true" : undefined}
                onFocus={() => onActive(id)}
                onClick={() => onOpen(id)}
                className={cn(
                  "flex min-h-18 w-full items-center gap-3 px-3 py-2 text-left -outline-offset-2 hover:bg-raised",
                  id === active && "bg-accent-soft shadow-[inset_3px_0_0_var(--accent)]",
                )}
              >
                <span className="flex shrink-0 gap-1">
                  {images.slice(0, 3).map(({ cropId, sha256, answers }) => (
                    <CropImage
                      key={cropId}
                      study={study}
                      crop={{ sha256 }}
                      alt=""
                      loading="lazy"
                      className={cn("size-12 rounded-sm bg-image object-contain", !answers && "opacity-40")}
                    />
                  ))}
                </span>
                <span className="grid min-w-0 flex-1 gap-0.5">
                  <span className="flex flex-wrap items-center gap-x-2">
                    <span className="font-medium">{t("name", { subject: node.subject, node: node.label })}</span>
                    <ResultBadge result={node.result} />
                  </span>
                  <Said node={node} parties={parties} />
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** How many of the calls of the images that were looked for are right, and how the network scored these. */
function Said({ node, parties }: { node: ExploredNode; parties: CasesOutput["parties"] }) {
  const t = useTranslations("cases");
  const truth = truthOf(node);
  const images = node.images.filter(({ answers }) => answers);
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
