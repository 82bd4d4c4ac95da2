"use client";

import { useTranslations } from "next-intl";
import { useDeferredValue, useMemo, useState } from "react";
import { Choice, TextField } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { Card, Section } from "@/app/_components/page-header";
import { useFormat } from "@/app/_i18n/format";
import { fewestReaders } from "@/core/stats/design/contrast-power";
import { answerOf, type FieldName, isAsked, rangeOf, startOf, type Typed } from "@/core/stats/design/typed-design";
import type { StudyPlan } from "@/server/schemas/study";
import { PowerCurve } from "./power-curve";

const groups: readonly { key: "expected" | "readers" | "images" | "test"; names: readonly FieldName[] }[] = [
  { key: "expected", names: ["first", "second", "margin"] },
  { key: "readers", names: ["readers", "readerSpread", "sameReader", "betweenReaders", "across"] },
  { key: "images", names: ["prevalence", "nodes", "images", "icc"] },
  { key: "test", names: ["power", "alpha"] },
];

/** How many patients a contrast needs, computed in the browser as it is typed: nothing of the study is looked at but its plan. */
export function DesignForm({ plan }: { plan: StudyPlan }) {
  const t = useTranslations("design");
  const [typed, setTyped] = useState(() => startOf(plan));
  const settled = useDeferredValue(typed);
  const answer = useMemo(() => answerOf(settled), [settled]);
  const wrong = answer.kind === "wrong" ? answer.fields : [];
  const set = (change: Partial<Typed>) => setTyped((before) => ({ ...before, ...change }));
  return (
    <>
      <p className="mb-4 max-w-prose text-soft text-sm">{plan.primary ? t("planned") : t("unplanned")}</p>
      <Card className="mb-8">
        <form method="post" className="grid gap-6" onSubmit={(event) => event.preventDefault()}>
          <div className="flex flex-wrap gap-x-8 gap-y-4">
            <Choice
              legend={t("kind.legend")}
              name="kind"
              value={typed.kind}
              onChange={(kind) => set({ kind })}
              options={(["condition", "network"] as const).map((value) => ({ value, label: t(`kind.${value}`) }))}
            />
            <Choice
              legend={t("measure.legend")}
              name="measure"
              value={typed.measure}
              onChange={(measure) => set({ measure })}
              options={(["auc", "sensitivity", "specificity"] as const).map((value) => ({
                value,
                label: t(`measure.${value}`),
              }))}
            />
            <Choice
              legend={t("readersAre.legend")}
              name="readersAre"
              value={typed.readersAre}
              onChange={(readersAre) => set({ readersAre })}
              options={(["fixed", "random"] as const).map((value) => ({ value, label: t(`readersAre.${value}`) }))}
            />
          </div>
          {groups.map(({ key, names }) => (
            <fieldset key={key}>
              <legend className="mb-2 font-medium">{t(`group.${key}`)}</legend>
              <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
                {names
                  .filter((name) => isAsked(name, typed))
                  .map((name) => (
                    <TextField
                      key={name}
                      label={t(`field.${name}`)}
                      hint={
                        name === "readers" && typed.readersAre === "random"
                          ? t("hint.readersLike", { fewest: fewestReaders("random") })
                          : t(`hint.${name}`)
                      }
                      name={name}
                      inputMode="decimal"
                      autoComplete="off"
                      value={typed.values[name]}
                      onChange={({ target }) => set({ values: { ...typed.values, [name]: target.value } })}
                      error={wrong.includes(name) ? t("range", rangeOf(name, typed)) : undefined}
                    />
                  ))}
              </div>
            </fieldset>
          ))}
        </form>
      </Card>
      <Result answer={answer} />
    </>
  );
}

function Result({ answer }: { answer: ReturnType<typeof answerOf> }) {
  const t = useTranslations("design.result");
  const { whole } = useFormat();
  if (answer.kind !== "found")
    return (
      <div role="status">
        <Notice tone="warning">
          {answer.kind === "wrong"
            ? t("wrong")
            : answer.kind === "nothing"
              ? t("nothing")
              : t("never", { readers: answer.readers })}
        </Notice>
      </div>
    );
  const { patients, nodes, images, positive, designEffect, power, curve } = answer;
  const percent = (100 * power).toFixed(1);
  return (
    <Section title={t("title")}>
      <div role="status" className="mb-4">
        <p className="font-medium text-lg">
          {t("needed", { patients: whole(patients), nodes: whole(nodes), images: whole(images), percent })}
        </p>
        <p className="max-w-prose text-soft text-sm">
          {t("about", { positive: whole(positive), effect: designEffect.toFixed(2) })}
        </p>
      </div>
      <div className="max-w-3xl">
        <PowerCurve curve={curve} patients={patients} power={power} />
      </div>
      <p className="mt-4 max-w-prose text-soft text-sm">{t("method")}</p>
    </Section>
  );
}
