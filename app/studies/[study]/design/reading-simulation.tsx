"use client";

import { createColumnHelper } from "@tanstack/react-table";
import { useTranslations } from "next-intl";
import { useDeferredValue, useMemo, useState } from "react";
import { DataTable } from "@/app/_components/data-table";
import { EmptyState } from "@/app/_components/empty-state";
import { SelectField, TextField } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { Card, Section } from "@/app/_components/page-header";
import { useFormat } from "@/app/_i18n/format";
import { type Design, designs } from "@/core/reading/designs/design";
import type { EffectsOfCondition } from "@/core/reading/designs/effects";
import {
  isAskedOf,
  mostReads,
  rangeOf,
  type Simulation,
  type SimulationField,
  simulationFields,
  simulationOf,
  startOfSimulation,
} from "@/core/reading/designs/simulation";
import { whyNotDrawn } from "@/core/reading/designs/why-not-drawn";
import type { StudyPlan } from "@/server/schemas/study";

const names = Object.keys(simulationFields) as SimulationField[];

/** What a design of the reading asks of its readers, and what its order does, drawn in the browser as it is typed: no case of the study is looked at. */
export function ReadingSimulation({ plan }: { plan: StudyPlan }) {
  const t = useTranslations("design.reading");
  const { conditions, practice } = plan.reading;
  const { list } = useFormat();
  const keys = useMemo(() => conditions.map(({ key }) => key), [conditions]);
  const [typed, setTyped] = useState(() =>
    startOfSimulation({ ...plan.reading, readers: plan.readers, conditions: keys }),
  );
  const settled = useDeferredValue(typed);
  const repeats = useMemo(
    () => new Map(conditions.flatMap(({ key, repeats }) => (repeats ? [[key, repeats]] : []))),
    [conditions],
  );
  const simulation = useMemo(() => simulationOf(settled, keys, repeats), [settled, keys, repeats]);
  const [repeated] = repeats.values();
  const wrong = simulation.kind === "wrong" ? simulation.fields : [];
  const why = whyNotDrawn(settled.design, conditions);
  const labelOf = (key: string) => conditions.find((condition) => condition.key === key)?.label ?? key;
  return (
    <Section title={t("title")}>
      <p className="mb-4 max-w-prose text-soft text-sm">{t("answer")}</p>
      {practice ? (
        <p className="mb-4 max-w-prose">
          {t("practice", {
            conditions: list(practice.conditions),
            mark: Math.round(10_000 * practice.passMark) / 100,
          })}
        </p>
      ) : null}
      {repeated ? (
        <p className="mb-4 max-w-prose">
          {t("repeats", {
            ...repeated,
            conditions: list(conditions.flatMap(({ label, repeats }) => (repeats ? [label] : []))),
          })}
        </p>
      ) : null}
      <Card className="mb-4">
        <form method="post" className="grid gap-4" onSubmit={(event) => event.preventDefault()}>
          <SelectField
            label={t("design")}
            name="design"
            value={typed.design}
            onChange={({ target }) =>
              setTyped((before) => ({
                ...before,
                design: designs.find((each) => each === target.value) ?? before.design,
              }))
            }
            options={designs.map((value: Design) => ({ value, label: t(`kind.${value}`) }))}
          />
          <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
            {names
              .filter((name) => isAskedOf(name, typed.design))
              .map((name) => {
                const { min, max, whole } = rangeOf(name, typed.values);
                return (
                  <TextField
                    key={name}
                    label={t(`field.${name}`)}
                    hint={t(`hint.${name}`)}
                    name={`reading-${name}`}
                    inputMode="decimal"
                    autoComplete="off"
                    value={typed.values[name]}
                    onChange={({ target }) =>
                      setTyped((before) => ({ ...before, values: { ...before.values, [name]: target.value } }))
                    }
                    error={wrong.includes(name) ? t("range", { min, max, whole: whole ? "yes" : "no" }) : undefined}
                  />
                );
              })}
          </div>
        </form>
      </Card>
      {why ? (
        <Notice tone="warning">
          {why.kind === "shows"
            ? t("shows", { earlier: labelOf(why.earlier), later: labelOf(why.later) })
            : t("undrawn")}
        </Notice>
      ) : null}
      <Asked simulation={simulation} design={settled.design} conditions={conditions} />
    </Section>
  );
}

type Row = EffectsOfCondition & { label: string; washOutDays: number };
const column = createColumnHelper<Row>();

function Asked({
  simulation,
  design,
  conditions,
}: {
  simulation: Simulation;
  design: Design;
  conditions: StudyPlan["reading"]["conditions"];
}) {
  const t = useTranslations("design.reading");
  const { whole } = useFormat();
  if (simulation.kind !== "drawn")
    return (
      <div role="status">
        <Notice tone="warning">
          {simulation.kind === "wrong"
            ? t("wrong")
            : t("many", { reads: whole(simulation.reads), most: whole(mostReads) })}
        </Notice>
      </div>
    );
  const { cases, reads, sessions, minutes, adjacent, lacking } = simulation;
  // Where any condition may be the later one, it waits as long as the one that waits longest.
  const longest = Math.max(0, ...conditions.map(({ washOutDays }) => washOutDays));
  const isLater = design === "crossover" || design === "random-blocks";
  const daysBefore = (washOutDays: number) => (isLater ? longest : washOutDays);
  const days = conditions.slice(1).reduce((sum, { washOutDays }) => sum + daysBefore(washOutDays), 0);
  const rows = simulation.conditions.flatMap((effects): Row[] => {
    const condition = conditions.find(({ key }) => key === effects.condition);
    return condition ? [{ ...effects, label: condition.label, washOutDays: daysBefore(condition.washOutDays) }] : [];
  });
  const percent = (share: number) => (100 * share).toFixed(0);
  const apart = (low: string, high: string) => (low === high ? low : `${low}–${high}`);
  const numeric = { meta: { numeric: true } };
  return (
    <>
      <p role="status" className="mb-4 font-medium">
        {t("result", { cases: whole(cases), reads, sessions, hours: hoursOf(minutes), days })}
      </p>
      <DataTable<Row>
        name={t("title")}
        rows={rows}
        empty={<EmptyState title={t("empty")} />}
        columns={[
          column.accessor("label", { header: t("columns.condition") }),
          column.accessor(({ reads: { least, most } }) => apart(whole(least), whole(most)), {
            id: "reads",
            header: t("columns.reads"),
            ...numeric,
          }),
          column.accessor("sessions", { header: t("columns.sessions"), ...numeric }),
          column.accessor((row) => hoursOf(row.minutes), { id: "hours", header: t("columns.hours"), ...numeric }),
          column.accessor("washOutDays", { header: t("columns.washOut"), ...numeric }),
          column.accessor((row) => percent(row.first), { id: "first", header: t("columns.first"), ...numeric }),
          column.accessor((row) => (row.place ? apart(percent(row.place.first), percent(row.place.last)) : "–"), {
            id: "place",
            header: t("columns.place"),
            ...numeric,
          }),
        ]}
      />
      {lacking > 0 ? <Notice tone="warning">{t("shortForRepeats", { cases, fewest: cases + lacking })}</Notice> : null}
      {adjacent > 0 ? <Notice tone="warning">{t("adjacent", { count: adjacent })}</Notice> : null}
      <p className="mt-4 max-w-prose text-soft text-sm">{t("about")}</p>
    </>
  );
}

const hoursOf = (minutes: number) => (minutes / 60).toFixed(1);
