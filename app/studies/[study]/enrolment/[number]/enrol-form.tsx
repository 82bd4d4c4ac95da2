"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useForm } from "react-hook-form";
import { Button } from "@/app/_components/button";
import { SelectField, TextField } from "@/app/_components/field";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { useFieldResolver } from "@/app/_i18n/field-problems";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { type EnrolInput, enrolInput } from "@/server/schemas/enrolment";

export function EnrolForm({ study, number, tStages }: { study: string; number: string; tStages: readonly string[] }) {
  const t = useTranslations("enrolment");
  const router = useRouter();
  const trpc = useTRPC();
  const form = useForm<EnrolInput>({ resolver: useFieldResolver(enrolInput), defaultValues: { number } });
  const enrol = useMutation(trpc.enrolment.enrol.mutationOptions({ onSuccess: () => router.refresh() }));
  const { errors } = form.formState;
  const choose = { value: "", label: t("subject.choose") };
  return (
    <Card>
      <form
        onSubmit={form.handleSubmit((values) => enrol.mutate({ study, ...values }))}
        className="grid gap-4 sm:grid-cols-2"
        noValidate
      >
        {enrol.error ? (
          <div className="sm:col-span-2">
            <ProblemList {...problemOf(enrol.error)} />
          </div>
        ) : null}
        <TextField
          label={t("subject.consentOn")}
          type="date"
          error={errors.consentSignedOn?.message}
          {...form.register("consentSignedOn")}
        />
        <TextField
          label={t("subject.consentVersion")}
          error={errors.consentVersion?.message}
          {...form.register("consentVersion")}
        />
        <SelectField
          label={t("subject.sex")}
          error={errors.sex?.message}
          options={[choose, ...(["male", "female"] as const).map((value) => ({ value, label: t(`sex.${value}`) }))]}
          {...form.register("sex")}
        />
        <TextField
          label={t("subject.age")}
          type="number"
          unit={t("subject.years")}
          error={errors.ageYears?.message}
          {...form.register("ageYears", { valueAsNumber: true })}
        />
        {tStages.length > 0 ? (
          <SelectField
            label={t("subject.tStage")}
            error={errors.tStage?.message}
            options={[choose, ...tStages.map((value) => ({ value, label: value }))]}
            {...form.register("tStage")}
          />
        ) : (
          <TextField label={t("subject.tStage")} error={errors.tStage?.message} {...form.register("tStage")} />
        )}
        <TextField
          label={t("subject.examOn")}
          type="date"
          error={errors.examOn?.message}
          {...form.register("examOn")}
        />
        <TextField label={t("subject.scanner")} error={errors.scanner?.message} {...form.register("scanner")} />
        <div className="sm:col-span-2">
          <Button kind="primary" type="submit" disabled={enrol.isPending}>
            {enrol.isPending ? t("subject.busy") : t("subject.enrol")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
