"use client";

import { useQuery } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { Dialog } from "radix-ui";
import { useEffect, useEffectEvent, useMemo, useRef, useState } from "react";
import { Button } from "@/app/_components/button";
import { cn } from "@/app/_components/class-names";
import { Notice } from "@/app/_components/notice";
import { ProblemList } from "@/app/_components/problem-list";
import { shortcutsOf } from "@/app/_keys/keys";
import { useKeyDown } from "@/app/_keys/use-key-down";
import { useKeys } from "@/app/_keys/use-keys";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { toPixel } from "@/core/dicom/plane";
import type { NodeView } from "@/server/schemas/imaging";
import type { CropBox, ExamView } from "@/server/schemas/series";
import { axesAround, middleOf, withChange } from "./axes";
import { boxAround, boxOfSection, isWithin } from "./box";
import { drawsByGl } from "./cornerstone";
import { doDeed } from "./do-deed";
import { type Draft, draftOf, keptDraft, useKeptDraft } from "./draft";
import {
  besideOf,
  drawLinesOf,
  type HandTool,
  handToolNames,
  type PaneId,
  takeInHand,
  viewportOf,
  windowOf,
} from "./engine";
import { axesOf, type Choice, choicesOf, imageIdOf, type PaneName, paneNames, placeIn } from "./frames";
import { ViewerKeyHelp } from "./key-help";
import { axesOfKey, type Deed, edgeOfKey, viewerKeys } from "./keys";
import { type Measured, removeMeasured, type Shown, useMeasured } from "./measured";
import { useNextExam } from "./next-exam";
import { PaneGrid, type PanePlace } from "./pane-grid";
import { SeriesList } from "./series-list";
import { Toolbar } from "./toolbar";
import { useBeside } from "./use-beside";
import { useEngine } from "./use-engine";
import { useExamTime } from "./use-exam-time";
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
  const keys = useKeys(viewerKeys);
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
          {help ? <ViewerKeyHelp /> : null}
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
  const keys = useKeys(viewerKeys);
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
  const places = paneNames.flatMap((plane): PanePlace[] => {
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

  useKeyDown((event) => {
    const movesBox = crop !== null && (inHand === "box" || !measured);
    const edge = movesBox ? edgeOfKey(event) : undefined;
    const change = measured && !movesBox ? axesOfKey(event) : undefined;
    const deed = viewerKeys.deedOfKey(event, keys);
    if (!edge && !change && !deed) return;
    event.preventDefault();
    if (crop && edge) setCrop({ ...crop, box: withEdge(crop.box, edge) });
    else if (measured && change)
      drawAnew({ ...measured, ends: withChange(measured.frame.plane, measured.ends, change) });
    else if (deed) act(deed);
  });

  return (
    <div
      className={cn(
        "grid min-w-0 content-start lg:min-h-0 lg:grid-rows-[auto_1fr] lg:content-stretch",
        mayEdit ? "lg:grid-cols-[8rem_1fr_19rem]" : "lg:grid-cols-[8rem_1fr]",
      )}
    >
      <Toolbar {...{ tool, runs, mayEdit, beside, nextExam, act }} onTool={setTool} onBeside={putBeside} />
      <SeriesList {...{ study, exam }} shown={seriesIn(panes, chosen)} onShow={show} />
      {engine ? (
        <PaneGrid
          {...{ engine, study, places, beside, active, chosen, crop }}
          begin={(plane) => frameIn(shown, plane, kept)}
          onActive={activate}
          onChoose={(plane, key) => setChosen(new Map([...chosen, [plane, key]]))}
          onReady={(plane) => {
            ready.current.add(plane);
            if (mayEdit && ready.current.size === panes.length) draft.begin();
          }}
        />
      ) : (
        <div />
      )}
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

function withEdge(box: CropBox, { edge, by }: { edge: "left" | "top" | "right" | "bottom"; by: number }): CropBox {
  if (edge === "left") return { ...box, left: box.left + by, width: box.width - by };
  if (edge === "top") return { ...box, top: box.top + by, height: box.height - by };
  return edge === "right" ? { ...box, width: box.width + by } : { ...box, height: box.height + by };
}
