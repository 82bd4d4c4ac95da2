import { useTranslations } from "next-intl";
import { cn } from "@/app/_components/class-names";
import type { CropBox } from "@/server/schemas/series";
import type { Engine, PaneId } from "./engine";
import { type Choice, type Frame, type PaneName, placeIn } from "./frames";
import { Pane } from "./pane";
import type { useBeside } from "./use-beside";

/** A pane, of the open exam or of the one beside it, and what it can show: nothing, where that exam has nothing of the plane. */
export interface PanePlace {
  id: PaneId;
  plane: PaneName;
  choices: readonly Choice[];
}

/** The planes of an exam, and of another one beside it. */
export function PaneGrid({
  engine,
  study,
  places,
  chosen,
  onChoose,
  beside,
  active,
  onActive,
  begin,
  onReady,
  crop,
}: {
  engine: Engine;
  study: string;
  places: readonly PanePlace[];
  /** By plane, the stack of the open exam that is shown. */
  chosen: ReadonlyMap<PaneName, string>;
  onChoose: (plane: PaneName, key: string) => void;
  beside: ReturnType<typeof useBeside>;
  active: PaneId;
  onActive: (id: PaneId) => void;
  /** The image of the open exam that a plane begins with; undefined: that in the middle. */
  begin: (plane: PaneName) => Frame | undefined;
  /** The first image of a plane of the open exam is there. */
  onReady: (plane: PaneName) => void;
  crop: { frame: Frame; box: CropBox } | null;
}) {
  const t = useTranslations("imaging.viewer");
  const images = useTranslations("imaging.images");
  const ofOther = (plane: PaneName) => ({
    beside: beside.other?.name ?? null,
    chosen: beside.choiceOf(plane)?.key,
    onChoose: (key: string) => beside.chooseStack(plane, key),
    start: (of: Choice) => beside.placeOf(plane, of),
    onReady: () => {},
    crop: null,
  });
  const ofOpen = (plane: PaneName) => ({
    beside: null,
    chosen: chosen.get(plane),
    onChoose: (key: string) => onChoose(plane, key),
    start: (of: Choice) => {
      const first = begin(plane);
      const place = first ? placeIn(of, first) : -1;
      return place >= 0 ? place : Math.floor(of.frames.length / 2);
    },
    onReady: () => {
      beside.bring(plane);
      onReady(plane);
    },
    crop,
  });
  return (
    <div className={cn("grid gap-px lg:min-h-0", layoutOf(places.length, beside.other !== undefined))}>
      {places.map(({ id, plane, choices }, at) => {
        const isOpen = id === plane;
        if (choices.length === 0)
          return (
            <p key={id} className="grid min-h-16 place-items-center border border-line p-4 text-center text-soft">
              {t(isOpen ? "beside.noneHere" : "beside.noneThere", { plane: images(`plane.${plane}`) })}
            </p>
          );
        return (
          <Pane
            key={isOpen ? id : `${id} of ${beside.other?.exam.id}`}
            {...{ engine, id, study, choices }}
            {...(isOpen ? ofOpen(plane) : ofOther(plane))}
            name={plane}
            active={id === active}
            onActive={() => onActive(id)}
            onImage={(place) => beside.follow(id, plane, place)}
            className={places.length === 3 && !beside.other && at === 0 ? "md:row-span-2" : undefined}
          />
        );
      })}
    </div>
  );
}

/** Of three planes and more, that of another exam stands below its own, where both are largest; of fewer, beside it. */
function layoutOf(count: number, isBeside: boolean): string | false {
  if (isBeside && count > 4)
    return cn("md:grid-flow-col md:grid-rows-2", count > 6 ? "md:grid-cols-4" : "md:grid-cols-3");
  return count > 2 ? "md:grid-cols-2 md:grid-rows-2" : count > 1 && "md:grid-cols-2";
}
