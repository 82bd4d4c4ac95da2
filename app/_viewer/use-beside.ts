import { useTranslations } from "next-intl";
import { useMemo, useRef, useState } from "react";
import { useFormat } from "@/app/_i18n/format";
import type { ExamView } from "@/server/schemas/series";
import { firstBeside, type OtherExam, otherExams, placeBeside } from "./beside";
import { besideOf, type Engine, type PaneId, viewportOf } from "./engine";
import { type Choice, choicesOf, type PaneName, paneNames } from "./frames";

/** Another exam of the subject beside the one that is open, each plane scrolled through together. */
export function useBeside({
  exams,
  examId,
  engine,
  shownIn,
}: {
  /** Of the subject. */
  exams: readonly ExamView[];
  examId: string;
  engine: Engine | null;
  /** What a pane of the open exam shows. */
  shownIn: (plane: PaneName) => Choice | undefined;
}) {
  const t = useTranslations("imaging.viewer.beside");
  const { day } = useFormat();
  const others = useMemo(() => otherExams(exams, examId), [exams, examId]);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const [chosen, setChosen] = useState<ReadonlyMap<PaneName, string>>(new Map());
  /** The pane that somebody scrolls through: the other follows it, not the other way round. */
  const inHand = useRef<PaneId | null>(null);
  const other = others.find(({ exam }) => exam.id === chosenId);
  const choices = useMemo(
    () => new Map(paneNames.map((name) => [name, other ? choicesOf(other.exam, name) : []])),
    [other],
  );
  const choose = (id: string | null) => {
    setChosenId(id);
    setChosen(new Map());
  };
  const choiceOf = (plane: PaneName): Choice | undefined => {
    const own = choices.get(plane) ?? [];
    return own.find(({ key }) => key === chosen.get(plane)) ?? own[0];
  };
  const nameOf = ({ at, count, when, exam }: OtherExam) => t(when, { at, count, day: day(exam.performedOn) });
  const show = (id: PaneId, at: number) => {
    const viewport = engine ? viewportOf(engine, id) : undefined;
    // Before its stack is there it begins at the right place (`placeOf`).
    if (!viewport?.getImageIds().length || viewport.getCurrentImageIdIndex() === at) return;
    void viewport.setImageIdIndex(at);
  };
  /** Where the stack of the other exam is, by what the pane of the open one shows. */
  const placeOf = (plane: PaneName, to: Choice): number => {
    const [from, viewport] = [shownIn(plane), engine ? viewportOf(engine, plane) : undefined];
    if (!from || !viewport?.getImageIds().length) return Math.floor(to.frames.length / 2);
    return placeBeside(from, viewport.getCurrentImageIdIndex(), to);
  };
  return {
    other: other && { ...other, name: nameOf(other) },
    options: others.map((each) => ({
      value: each.exam.id,
      label: t("option", { exam: nameOf(each), when: each.when, days: each.days }),
    })),
    choose,
    toggle: () => choose(other ? null : (firstBeside(others)?.exam.id ?? null)),
    choices,
    choiceOf,
    chooseStack: (plane: PaneName, key: string) => setChosen(new Map([...chosen, [plane, key]])),
    placeOf,
    takeInHand: (id: PaneId) => {
      inHand.current = id;
    },
    /** A pane shows another image: the one of the same plane goes with it. */
    follow: (id: PaneId, plane: PaneName, at: number) => {
      const [own, to] = [shownIn(plane), choiceOf(plane)];
      const leads = id === plane ? inHand.current !== besideOf(plane) : inHand.current === id;
      if (!own || !to || !leads) return;
      if (id === plane) show(besideOf(plane), placeBeside(own, at, to));
      else show(plane, placeBeside(to, at, own));
    },
    /** The pane of the open exam has another stack. */
    bring: (plane: PaneName) => {
      const to = choiceOf(plane);
      if (to) show(besideOf(plane), placeOf(plane, to));
    },
  };
}
