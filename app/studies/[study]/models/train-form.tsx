"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { ConfirmDialog } from "@/app/_components/confirm-dialog";
import { TextField } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

const form = "train-network";

export function TrainForm({ study }: { study: string }) {
  const t = useTranslations("models");
  const router = useRouter();
  const trpc = useTRPC();
  const [open, setOpen] = useState(false);
  const train = useMutation(
    trpc.model.train.mutationOptions({ onSuccess: ({ runId }) => router.push(`/studies/${study}/models/${runId}`) }),
  );

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const numbers = ["folds", "seed", "epochs"].flatMap((name) =>
      given.get(name) ? [[name, Number(given.get(name))] as const] : [],
    );
    train.mutate({ study, ...Object.fromEntries(numbers) });
  }

  return (
    <>
      <Button kind="primary" onClick={() => setOpen(true)}>
        {t("train")}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={t("train")}
        action={
          <Button kind="primary" type="submit" form={form} disabled={train.isPending}>
            {train.isPending ? t("training") : t("train")}
          </Button>
        }
      >
        <form id={form} onSubmit={submit} className="grid gap-4">
          {train.error ? <ProblemList {...problemOf(train.error)} /> : null}
          <TextField
            label={t("folds")}
            hint={t("foldsHint")}
            name="folds"
            type="number"
            min={2}
            max={20}
            placeholder={t("default")}
          />
          <TextField label={t("seed")} name="seed" type="number" min={0} max={2147483647} placeholder={t("default")} />
          <TextField label={t("epochs")} name="epochs" type="number" min={1} max={100000} placeholder={t("default")} />
        </form>
      </ConfirmDialog>
    </>
  );
}
