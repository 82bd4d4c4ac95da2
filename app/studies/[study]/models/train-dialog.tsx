"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { Choice } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { useFieldProblems } from "@/app/_i18n/field-problems";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { expectedTime } from "@/core/network/expected-time";
import type { ProtocolRegimen } from "@/core/protocol/regimen";
import type { Run } from "@/server/schemas/model";
import { ExpectedTime } from "./expected";
import { askedAfter, defaultsOf, fieldErrors, fieldOf, readForm } from "./regimen-form";
import { TrainFields } from "./train-fields";
import { TrainSettings } from "./train-settings";

const form = "train-run";
const kinds = ["head", "network"] as const;

/** Starts a run: the protocol's regimen unless something is changed here. */
export function TrainDialog({
  study,
  protocol,
  runs,
}: {
  study: string;
  protocol: ProtocolRegimen;
  runs: readonly Run[];
}) {
  const t = useTranslations("models.train");
  const say = useFieldProblems();
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(defaultsOf(protocol, protocol.trainable));
  const { trainable } = asked;
  const defaults = defaultsOf(protocol, trainable);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const train = useMutation(
    trpc.model.train.mutationOptions({ onSuccess: ({ runId }) => router.push(`/studies/${study}/models/${runId}`) }),
  );
  const problem = train.error ? problemOf(train.error) : null;
  const shownErrors = { ...fieldErrors(problem?.problems ?? []), ...errors };

  function begin() {
    train.reset();
    setErrors({});
    setAsked(defaultsOf(protocol, protocol.trainable));
    setOpen(true);
  }

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const read = readForm(new FormData(event.currentTarget), defaults);
    setErrors(say(read.problems));
    if (Object.keys(read.problems).length === 0) train.mutate({ study, ...read.input });
  }

  return (
    <>
      <Button kind="primary" onClick={begin}>
        {t("open")}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={t("title")}
        action={
          <Button kind="primary" type="submit" form={form} disabled={train.isPending}>
            {train.isPending ? t("starting") : t("start")}
          </Button>
        }
      >
        <form
          method="post"
          id={form}
          noValidate
          onSubmit={submit}
          onChange={(event) =>
            setAsked(askedAfter(fieldOf(event), new FormData(event.currentTarget), { protocol, asked }))
          }
          className="grid gap-5"
        >
          {problem ? <ProblemList {...problem} /> : null}
          {Object.keys(errors).length > 0 ? <ProblemList message={t("mend")} problems={Object.values(errors)} /> : null}
          <Choice
            legend={t("what")}
            hint={t(`whatHint.${trainable}`)}
            name="trainable"
            value={trainable}
            onChange={() => setErrors({})}
            options={kinds.map((kind) => ({
              value: kind,
              label: t(kind === protocol.trainable ? `asProtocol.${kind}` : `kind.${kind}`),
            }))}
          />
          <TrainFields key={`fields-${trainable}`} defaults={defaults} asked={asked} errors={shownErrors} />
          <TrainSettings key={`settings-${trainable}`} defaults={defaults} errors={shownErrors} />
          <ExpectedTime expected={expectedTime(runs, asked)} stops={asked.patience > 0} />
          {train.isPending ? <p role="status">{t("seeking")}</p> : null}
        </form>
      </ConfirmDialog>
    </>
  );
}
