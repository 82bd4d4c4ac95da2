"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { Dialog } from "radix-ui";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { Button } from "@/app/_components/button";
import { cn } from "@/app/_components/class-names";
import { Notice } from "@/app/_components/notice";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { toPixel } from "@/core/dicom/plane";
import { holdsInPatient } from "@/core/dicom/spacing";
import type { NodeView } from "@/server/schemas/imaging";
import type { CropBox, ExamView } from "@/server/schemas/series";
import { axesAround, middleOf, withChange } from "./axes";
import { boxAround, boxOfSection, isWithin } from "./box";
import { cornerstoneReady, drawsByGl } from "./cornerstone";
import { doDeed } from "./do-deed";
import { type Draft, draftOf, keptDraft, useKeptDraft } from "./draft";
import {
  besideOf,
  closeEngine,
  drawLinesOf,
  type Engine,
  type HandTool,
  handToolNames,
  openEngine,
  type PaneId,
  takeInHand,
  viewportOf,
  windowOf,
} from "./engine";
import {
  axesOf,
  type Choice,
  choicesOf,
  endsOf,
  imageIdOf,
  type PaneName,
  paneNames,
  pixelAxesOf,
  placeIn,
} from "./frames";
import { KeyHelp } from "./key-help";
import { axesOfKey, type Deed, deedOfKey, edgeOfKey, shortcutsOf } from "./keys";
import { type Measured, removeMeasured, type Shown, useMeasured } from "./measured";
import { useNextExam } from "./next-exam";
import { Pane } from "./pane";
import { SeriesList } from "./series-list";
import { useBeside } from "./use-beside";
import { useExamTime } from "./use-exam-time";
import { useKeys } from "./use-keys";
import { WorkPanel } from "./work-panel";

export interface StageProps {
  study: string;
  /** The subject's. */
  number: string;
  examId: string;
  /** The e-mail address of whoever looks. */
  person: string;
  /** Those that may be measured. */
  nodes: readonly NodeView[];
  /** Of the protocol, of which a new node has one; none: as it is called. */
  regions: readonly { key: string; label: string }[];
  /** Of the protocol. */
  planes: readonly { key: string; label: string }[];
  mayEdit: boolean;
  onClose: () => void;
}

/** The viewer over the whole window: the planes of an exam side by side, and what is done with them. */
export default function Stage(props: StageProps) {
  const { study, number, examId, onClose } = props;
  const t = useTranslations("imaging.viewer");
  const trpc = useTRPC();
  const keys = useKeys();
  const [help, setHelp] = useState(false);
  const exams = useQuery(trpc.series.list.queryOptions({ study, number }, { staleTime: Number.POSITIVE_INFINITY }));
  const exam = exams.data?.find(({ id }) => id === examId);
  return (
    <Dialog.Root open onOpenChange={onClose}>
      <Dialog.Portal>
        <Dialog.Content
          aria-describedby={undefined}
          data-theme="reading"
          onEscapeKeyDown={(event) => {
            if (!help) return;
            event.preventDefault();
            setHelp(false);
          }}
          className="fixed inset-0 z-50 grid grid-rows-[auto_1fr] overflow-y-auto bg-ground text-text outline-none"
        >
          <header className="flex flex-wrap items-center justify-between gap-2 px-4 py-2">
            <Dialog.Title className="font-medium">{t("title", { number })}</Dialog.Title>
            <div className="flex gap-2">
              <Button
                kind="quiet"
                aria-expanded={help}
                aria-keyshortcuts={shortcutsOf(keys, "help")}
                onClick={() => setHelp(!help)}
              >
                {t("keys")}
              </Button>
              <Dialog.Close asChild>
                <Button aria-keyshortcuts="Escape">{t("close")}</Button>
              </Dialog.Close>
            </div>
          </header>
          {exams.error ? <ProblemList {...problemOf(exams.error)} /> : null}
          {exams.isPending ? (
            <p role="status" className="p-4 text-soft">
              {t("loading")}
            </p>
          ) : null}
          {!drawsByGl() ? (
            <div className="p-4">
              <Notice tone="danger">{t("noGl")}</Notice>
            </div>
          ) : exam ? (
            <Exam {...props} exam={exam} exams={exams.data ?? []} onHelp={() => setHelp((shown) => !shown)} />
          ) : null}
          {help ? <KeyHelp /> : null}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Exam({
  study,
  number,
  person,
  nodes,
  regions,
  planes,
  mayEdit,
  exam,
  exams,
  onHelp,
}: StageProps & { exam: ExamView; exams: readonly ExamView[]; onHelp: () => void }) {
  const t = useTranslations("imaging.viewer");
  const images = useTranslations("imaging.images");
  const panes = useMemo(
    () =>
      paneNames.flatMap((name) => {
        const choices = choicesOf(exam, name);
        return choices.length > 0 ? [{ name, choices }] : [];
      }),
    [exam],
  );
  const shown = useMemo(
    () =>
      new Map(
        panes.flatMap(({ name, choices }) =>
          choices.flatMap(({ space, frames }) =>
            frames.map((frame): [string, Shown] => [imageIdOf(study, frame), { pane: name, frame, space }]),
          ),
        ),
      ),
    [panes, study],
  );
  const engine = useEngine(shown);
  const keys = useKeys();
  const { measured, redraw } = useMeasured(shown);
  useExamTime({ study, examId: exam.id, person, counts: mayEdit });
  const nextExam = useNextExam({ study, after: number });
  const [kept] = useState(() => (mayEdit ? keptDraft({ person, examId: exam.id }) : null));
  /** By pane, the stack that it shows. */
  const [chosen, setChosen] = useState<ReadonlyMap<PaneName, string>>(
    () =>
      new Map(
        panes.flatMap(({ name, choices }) => {
          const start = frameIn(shown, name, kept);
          const choice = (start && choices.find((each) => placeIn(each, start) >= 0)) ?? choices[0];
          return choice ? [[name, choice.key]] : [];
        }),
      ),
  );
  const ready = useRef(new Set<PaneName>());
  const [runs, setRuns] = useState(false);
  const [active, setActive] = useState<PaneId>(panes[0]?.name ?? "axial");
  /** Of the open exam, in which alone something is measured; undefined while that of the other is active. */
  const own = panes.find(({ name }) => name === active)?.name;
  const [tool, setTool] = useState<HandTool>(() => (matchMedia("(pointer: coarse)").matches ? "scroll" : "window"));
  const [crop, setCrop] = useState<(Shown & { box: CropBox }) | null>(null);
  /** What Shift and Alt with an arrow move, where there are both. */
  const [inHand, setInHand] = useState<"axes" | "box">("box");
  /** What a box was asked for in a plane whose images have nothing of it. */
  const [missed, setMissed] = useState<Measured | null>(null);

  useEffect(() => {
    if (engine) takeInHand(engine, tool);
  }, [engine, tool]);
  useEffect(() => {
    if (engine && own) drawLinesOf(engine, own);
  }, [engine, own]);
  const shownIn = (plane: PaneName) =>
    panes.find(({ name }) => name === plane)?.choices.find(({ key }) => key === chosen.get(plane));
  const beside = useBeside({ exams, examId: exam.id, engine, shownIn });
  /** Plane by plane; of another exam beside, each has its place there, whether it has images or not. */
  const places = paneNames.flatMap((plane): { id: PaneId; plane: PaneName; choices: readonly Choice[] }[] => {
    const choices = panes.find(({ name }) => name === plane)?.choices ?? [];
    const others = beside.choices.get(plane) ?? [];
    const open = { id: plane, plane, choices };
    if (!beside.other) return choices.length > 0 ? [open] : [];
    return choices.length + others.length > 0 ? [open, { id: besideOf(plane), plane, choices: others }] : [];
  });
  const shownPanes = places.filter(({ choices }) => choices.length > 0);
  function activate(id: PaneId) {
    beside.takeInHand(id);
    setActive(id);
  }

  const draft = useKeptDraft({ person, examId: exam.id }, draftOf(study, { measured, crop }), (before) => {
    if (!engine) return;
    if (measured) removeMeasured(measured);
    for (const { imageId } of [before.measured, before.crop].filter((each) => each !== null)) {
      const pane = shown.get(imageId)?.pane;
      const viewport = pane && viewportOf(engine, pane);
      const at = viewport?.getImageIds().indexOf(imageId) ?? -1;
      if (at >= 0) void viewport?.setImageIdIndex(at);
    }
    const [image, boxed] = [shown.get(before.measured?.imageId ?? ""), shown.get(before.crop?.imageId ?? "")];
    if (image && before.measured) redraw({ ...image, ends: before.measured.ends }, before.measured.imageId);
    setCrop(boxed && before.crop ? { ...boxed, box: before.crop.box } : null);
    engine.rendering.render();
  });
  const runOn = useEffectEvent(() => {
    const viewport = engine && viewportOf(engine, active);
    if (viewport) doDeed(viewport, "cine");
  });
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => runOn(), 1000 / cineRate);
    return () => clearInterval(timer);
  }, [runs]);

  function place() {
    if (!measured || !own) return;
    const { pane, frame, space, ends } = measured;
    setInHand("box");
    const viewport = engine && own !== pane ? viewportOf(engine, own) : undefined;
    if (!viewport) {
      setMissed(null);
      return setCrop({ pane, frame, space, box: boxAround(frame.plane, ends) });
    }
    // In another plane: on the image that is nearest to what was measured.
    const ids = viewport.getImageIds();
    const middle = middleOf(ends);
    const away = (id: string) => Math.abs(toPixel(shown.get(id)?.frame.plane ?? frame.plane, middle).distance);
    const nearest = ids.reduce<string | undefined>(
      (best, id) => (best && away(best) <= away(id) ? best : id),
      undefined,
    );
    const image = nearest && shown.get(nearest);
    if (!image || image.space !== space || !isWithin(image.frame.plane, middle, axesOf(ends).long))
      return setMissed(measured);
    setMissed(null);
    void viewport.setImageIdIndex(ids.indexOf(nearest));
    setCrop({ ...image, box: boxOfSection(image.frame.plane, middle, axesOf(ends).long) });
  }

  /** Axes in the middle of what the pane shows, or those that are there, for the keys. */
  function lay() {
    const viewport = engine && own && viewportOf(engine, own);
    const imageId = viewport?.getCurrentImageId();
    const image = shown.get(imageId ?? "");
    if (!viewport || !imageId || !image) return;
    setInHand("axes");
    if (measured?.frame === image.frame) return;
    const { clientWidth, clientHeight } = viewport.element;
    const middle = viewport.canvasToWorld([clientWidth / 2, clientHeight / 2]);
    drawAnew({ ...image, ends: axesAround(image.frame.plane, middle) });
  }

  /** Another exam comes or goes: with its panes goes what was active in them. */
  function putBeside(change: () => void) {
    change();
    if (!own && panes[0]) activate(panes[0].name);
  }

  /** A series in the panes of its planes. */
  function show(seriesId: string) {
    const stacks = panes.flatMap(({ name, choices }): [PaneName, string][] => {
      const choice = choices.find(({ series }) => series.id === seriesId);
      return choice ? [[name, choice.key]] : [];
    });
    setChosen(new Map([...chosen, ...stacks]));
    const [first] = stacks;
    if (first && !stacks.some(([name]) => name === active)) activate(first[0]);
  }

  function drawAnew(axes: Omit<Measured, "id">) {
    if (measured) removeMeasured(measured);
    redraw(axes, imageIdOf(study, axes.frame));
    engine?.rendering.render();
  }

  function act(deed: Deed) {
    if (!engine) return;
    const step = { paneBefore: -1, paneAfter: 1 }[deed as string];
    const hand = handToolNames.find((name) => name === deed);
    if (step !== undefined) {
      const at = shownPanes.findIndex(({ id }) => id === active);
      activate(shownPanes[(at + step + shownPanes.length) % shownPanes.length]?.id ?? active);
    } else if (hand && (hand !== "measure" || mayEdit)) setTool(hand);
    else if (deed === "remove" && measured) {
      removeMeasured(measured);
      engine.rendering.render();
    } else if (deed === "place" && mayEdit) place();
    else if (deed === "lay" && mayEdit) lay();
    else if (deed === "undo" && mayEdit) draft.undo();
    else if (deed === "cine") setRuns(!runs);
    else if (deed === "beside") putBeside(beside.toggle);
    else if (deed === "nextExam") void nextExam.go();
    else if (deed === "help") onHelp();
    else {
      const viewport = viewportOf(engine, active);
      if (viewport) doDeed(viewport, deed);
    }
  }

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const movesBox = crop !== null && (inHand === "box" || !measured);
    const edge = movesBox ? edgeOfKey(event) : undefined;
    const change = measured && !movesBox ? axesOfKey(event) : undefined;
    const deed = deedOfKey(event, keys);
    if (!edge && !change && !deed) return;
    event.preventDefault();
    if (crop && edge) setCrop({ ...crop, box: withEdge(crop.box, edge) });
    else if (measured && change)
      drawAnew({ ...measured, ends: withChange(measured.frame.plane, measured.ends, change) });
    else if (deed) act(deed);
  });
  useEffect(() => {
    const hear = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", hear);
    return () => window.removeEventListener("keydown", hear);
  }, []);

  const offered = handToolNames.filter((name) => name !== "measure" || mayEdit);
  return (
    <div
      className={cn(
        "grid min-w-0 content-start lg:min-h-0 lg:grid-rows-[auto_1fr] lg:content-stretch",
        mayEdit ? "lg:grid-cols-[8rem_1fr_19rem]" : "lg:grid-cols-[8rem_1fr]",
      )}
    >
      <div
        role="toolbar"
        aria-label={t("tools")}
        className="flex gap-1 overflow-x-auto px-4 pt-1 pb-2 sm:flex-wrap lg:col-span-full"
      >
        {offered.map((name) => (
          <Button
            key={name}
            kind={tool === name ? "primary" : "secondary"}
            aria-pressed={tool === name}
            onClick={() => setTool(name)}
          >
            {t(`deed.${name}`)}
          </Button>
        ))}
        <Button kind={runs ? "primary" : "quiet"} aria-pressed={runs} onClick={() => act("cine")}>
          {t("deed.cine")}
        </Button>
        {(
          ["actualSize", "asSent", "wholeRange", "narrower", "wider", "invert", "turn", "mirror", "reset"] as const
        ).map((deed) => (
          <Button key={deed} kind="quiet" onClick={() => act(deed)}>
            {t(`deed.${deed}`)}
          </Button>
        ))}
        {beside.options.length > 0 ? (
          <label className="flex items-center gap-2 whitespace-nowrap text-sm">
            {t("beside.choose")}
            <select
              value={beside.other?.exam.id ?? ""}
              onChange={({ target }) => putBeside(() => beside.choose(target.value || null))}
              className="min-h-9 max-w-56 rounded-md border border-line bg-surface px-1.5 py-0.5"
            >
              <option value="">{t("beside.none")}</option>
              {beside.options.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          </label>
        ) : null}
        {mayEdit ? (
          <>
            <Button kind="quiet" onClick={() => act("undo")}>
              {t("deed.undo")}
            </Button>
            {nextExam.waiting > 0 ? (
              <Button
                aria-keyshortcuts={shortcutsOf(keys, "nextExam")}
                disabled={nextExam.state !== "idle"}
                onClick={() => act("nextExam")}
              >
                {t(nextExam.state === "none" ? "noNextExam" : "deed.nextExam")}
              </Button>
            ) : null}
          </>
        ) : null}
      </div>
      <SeriesList {...{ study, exam }} shown={seriesIn(panes, chosen)} onShow={show} />
      <div className={cn("grid gap-px lg:min-h-0", layoutOf(places.length, beside.other !== undefined))}>
        {engine
          ? places.map(({ id, plane, choices }, at) => {
              const isOwn = id === plane;
              const begin = isOwn ? frameIn(shown, plane, kept) : undefined;
              if (choices.length === 0)
                return (
                  <p key={id} className="grid min-h-16 place-items-center border border-line p-4 text-center text-soft">
                    {t(isOwn ? "beside.noneHere" : "beside.noneThere", { plane: images(`plane.${plane}`) })}
                  </p>
                );
              return (
                <Pane
                  key={isOwn ? id : `${id} of ${beside.other?.exam.id}`}
                  {...{ engine, id, study }}
                  name={plane}
                  beside={isOwn ? null : (beside.other?.name ?? null)}
                  choices={choices}
                  chosen={isOwn ? chosen.get(plane) : beside.choiceOf(plane)?.key}
                  onChoose={(key) =>
                    isOwn ? setChosen(new Map([...chosen, [plane, key]])) : beside.chooseStack(plane, key)
                  }
                  active={id === active}
                  onActive={() => activate(id)}
                  start={(of) => {
                    if (!isOwn) return beside.placeOf(plane, of);
                    const place = begin ? placeIn(of, begin) : -1;
                    return place >= 0 ? place : Math.floor(of.frames.length / 2);
                  }}
                  onReady={() => {
                    if (!isOwn) return;
                    beside.bring(plane);
                    ready.current.add(plane);
                    if (mayEdit && ready.current.size === panes.length) draft.begin();
                  }}
                  onImage={(place) => beside.follow(id, plane, place)}
                  crop={isOwn ? crop : null}
                  className={places.length === 3 && !beside.other && at === 0 ? "md:row-span-2" : undefined}
                />
              );
            })
          : null}
      </div>
      {mayEdit ? (
        <WorkPanel
          {...{ study, number, nodes, regions, planes, measured, crop }}
          notThere={missed !== null && missed === measured}
          onPlace={place}
          onBox={(box) => setCrop(crop && { ...crop, box })}
          windowOfCrop={() => {
            const viewport = engine && crop ? viewportOf(engine, crop.pane) : undefined;
            return viewport && windowOf(viewport);
          }}
        />
      ) : null}
    </div>
  );
}

/** Images a second. */
const cineRate = 10;

/** Of three planes, that of another exam stands below its own, where both are largest; of fewer, beside it. */
function layoutOf(count: number, isBeside: boolean): string | false {
  if (isBeside)
    return count > 4
      ? "md:grid-flow-col md:grid-cols-3 md:grid-rows-2"
      : count > 2
        ? "md:grid-cols-2 md:grid-rows-2"
        : "md:grid-cols-2";
  return count > 2 ? "md:grid-cols-2 md:grid-rows-2" : count > 1 && "md:grid-cols-2";
}

/** The series of which panes show a stack. */
const seriesIn = (
  panes: readonly { name: PaneName; choices: readonly Choice[] }[],
  chosen: ReadonlyMap<PaneName, string>,
): ReadonlySet<string> =>
  new Set(panes.flatMap(({ name, choices }) => choices.find(({ key }) => key === chosen.get(name))?.series.id ?? []));

/** The image in a pane in which something was drawn before. */
const frameIn = (shown: ReadonlyMap<string, Shown>, pane: PaneName, kept: Draft | null) =>
  [kept?.measured, kept?.crop]
    .flatMap((each) => (each ? (shown.get(each.imageId) ?? []) : []))
    .find((image) => image.pane === pane)?.frame;

/** Cornerstone's engine while the viewer is open. */
function useEngine(shown: ReadonlyMap<string, Shown>): Engine | null {
  const t = useTranslations("imaging.viewer");
  const [engine, setEngine] = useState<Engine | null>(null);
  const linesOf = useEffectEvent((points: readonly (readonly number[])[], imageId: string) => {
    const [frame, ends] = [shown.get(imageId)?.frame, endsOf(points)];
    if (!frame || !ends) return [];
    if (!holdsInPatient(frame.plane.spacing)) {
      const { long, short } = pixelAxesOf(frame.plane, ends);
      return [long, short].map((length) => t("pixels", { length: length.toFixed(0) }));
    }
    const { long, short } = axesOf(ends);
    return [long, short].map((length) => t("millimetres", { length: length.toFixed(1) }));
  });
  useEffect(() => {
    let own: Engine | undefined;
    let isGone = false;
    void cornerstoneReady().then(() => {
      if (isGone) return;
      own = openEngine({ linesOf: (points, imageId) => linesOf(points, imageId) });
      setEngine(own);
    });
    return () => {
      isGone = true;
      setEngine(null);
      if (own) closeEngine(own);
    };
  }, []);
  return engine;
}

function withEdge(box: CropBox, { edge, by }: { edge: "left" | "top" | "right" | "bottom"; by: number }): CropBox {
  if (edge === "left") return { ...box, left: box.left + by, width: box.width - by };
  if (edge === "top") return { ...box, top: box.top + by, height: box.height - by };
  return edge === "right" ? { ...box, width: box.width + by } : { ...box, height: box.height + by };
}
