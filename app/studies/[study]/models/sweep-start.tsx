"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { SelectField, TextField } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { problemsIn, useFieldProblems } from "@/app/_i18n/field-problems";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { expectedSweep } from "@/core/network/expected-time";
import { paperDepths } from "@/core/network/freezing";
import { frozenUnit, type ProtocolRegimen } from "@/core/protocol/regimen";
import { type Run, sweepInput } from "@/server/schemas/model";
import { ExpectedTime } from "./expected";
import { askedAfter, defaultsOf, fieldOf, readForm } from "./regimen-form";
import { SplitField } from "./train-fields";

const form = "sweep-options";

/** One click trains the network once for each depth of the founding study; the options change depths, unit, split and epochs. */
export function SweepStart({
  study,
  protocol,
  runs,
}: {
  study: string;
  protocol: ProtocolRegimen;
  runs: readonly Run[];
}) {
  const t = useTranslations("models.sweepStart");
  const train = useTranslations("models.train");
  const router = useRouter();
  const trpc = useTRPC();
  const say = useFieldProblems();
  const [open, setOpen] = useState(false);
  const defaults = defaultsOf(protocol, "network");
  const [asked, setAsked] = useState(defaults);
  const [depths, setDepths] = useState<readonly number[]>(paperDepths);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const start = useMutation(
    trpc.model.startSweep.mutationOptions({
      onSuccess: ({ sweepId }) => router.push(`/studies/${study}/models/sweeps/${sweepId}`),
    }),
  );

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const depths = depthsIn(given);
    const read = readForm(given, defaults);
    const { trainable, frozen, ...changes } = read.input;
    const parsed = sweepInput.safeParse({ ...changes, depths });
    const wrong = parsed.success ? null : (Object.values(say(problemsIn(parsed.error)))[0] ?? t("depthsWrong"));
    const problems = { ...say(read.problems), ...(wrong && { depths: t("depthsError", { reason: wrong }) }) };
    setErrors(problems);
    if (parsed.success && Object.keys(problems).length === 0) start.mutate({ study, ...parsed.data });
  }

  const seeking = start.isPending ? <p role="status">{train("seeking")}</p> : null;
  const problem = start.error ? <ProblemList {...problemOf(start.error)} /> : null;
  return (
    <>
      <div className="inline-flex">
        <Button
          className="rounded-r-none"
          title={t("title", { depths: paperDepths.join(", ") })}
          disabled={start.isPending}
          onClick={() => start.mutate({ study })}
        >
          {start.isPending ? t("starting") : t("start")}
        </Button>
        <Button
          className="-ml-px rounded-l-none px-2.5"
          aria-label={t("options")}
          title={t("options")}
          onClick={() => {
            start.reset();
            setErrors({});
            setAsked(defaults);
            setDepths(paperDepths);
            setOpen(true);
          }}
        >
          <span aria-hidden="true">▾</span>
        </Button>
      </div>
      {open ? null : (
        <div className="order-last w-full max-w-prose sm:text-right">
          <ExpectedTime expected={expectedSweep(runs, defaults, paperDepths)} />
          {seeking}
        </div>
      )}
      {open ? null : problem ? <div className="w-full">{problem}</div> : null}
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={t("options")}
        action={
          <Button kind="primary" type="submit" form={form} disabled={start.isPending}>
            {start.isPending ? t("starting") : t("startChanged")}
          </Button>
        }
      >
        <form
          method="post"
          id={form}
          noValidate
          onSubmit={submit}
          onChange={(event) => {
            const given = new FormData(event.currentTarget);
            setAsked(askedAfter(fieldOf(event), given, { protocol, asked }));
            setDepths(depthsIn(given));
          }}
          className="grid gap-5"
        >
          {problem}
          <p className="text-soft text-sm">{t("hint")}</p>
          <TextField
            label={t("depths")}
            hint={t("depthsHint")}
            name="depths"
            inputMode="numeric"
            defaultValue={paperDepths.join(", ")}
            error={errors.depths}
          />
          <SelectField
            label={t("unit")}
            name="frozenUnit"
            defaultValue={defaults.frozenUnit}
            options={frozenUnit.options.map((value) => ({ value, label: t(`units.${value}`) }))}
          />
          <SplitField defaults={defaults} asked={asked} errors={errors} />
          <div className="grid grid-cols-3 gap-4 max-sm:grid-cols-1">
            {(["folds", "epochs", "seed"] as const).map((name) => (
              <TextField
                key={name}
                label={t(name)}
                name={name}
                type="number"
                min={0}
                defaultValue={defaults[name]}
                error={errors[name]}
              />
            ))}
          </div>
          <ExpectedTime expected={expectedSweep(runs, asked, depths)} />
          {seeking}
        </form>
      </ConfirmDialog>
    </>
  );
}

const depthsIn = (form: FormData): number[] =>
  String(form.get("depths"))
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
