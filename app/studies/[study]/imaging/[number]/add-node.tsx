"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useForm } from "react-hook-form";
import type { z } from "zod";
import { Button } from "@/app/_components/button";
import { SelectField, TextField } from "@/app/_components/field";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { useFieldResolver } from "@/app/_i18n/field-problems";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { addNodeInput } from "@/server/schemas/imaging";

export function AddNode({
  study,
  number,
  regions,
}: {
  study: string;
  number: string;
  regions: readonly { key: string; label: string }[];
}) {
  const t = useTranslations("imaging.subject");
  const router = useRouter();
  const trpc = useTRPC();
  const form = useForm<z.infer<typeof addNodeInput>>({
    resolver: useFieldResolver(addNodeInput),
    defaultValues: { number, region: regions[0]?.key ?? null },
  });
  const add = useMutation(
    trpc.imaging.addNode.mutationOptions({
      onSuccess: () => {
        form.reset();
        router.refresh();
      },
    }),
  );
  return (
    <Card className="max-w-xl">
      <form
        method="post"
        onSubmit={form.handleSubmit((values) => add.mutate({ study, ...values }))}
        className="grid gap-4"
        noValidate
      >
        {add.error ? <ProblemList {...problemOf(add.error)} /> : null}
        {regions.length > 0 ? (
          <SelectField
            label={t("region")}
            options={regions.map(({ key, label }) => ({ value: key, label }))}
            {...form.register("region")}
          />
        ) : (
          <TextField label={t("region")} {...form.register("region")} />
        )}
        <TextField
          label={t("size")}
          type="number"
          step="0.1"
          min="0.1"
          unit={t("mm")}
          error={form.formState.errors.shortAxisMm?.message}
          {...form.register("shortAxisMm", { valueAsNumber: true })}
        />
        <Button kind="primary" type="submit" disabled={add.isPending} className="justify-self-start">
          {add.isPending ? t("busy") : t("save")}
        </Button>
      </form>
    </Card>
  );
}
