"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useForm } from "react-hook-form";
import { Button } from "@/app/_components/button";
import { TextArea, TextField } from "@/app/_components/field";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { useFieldResolver } from "@/app/_i18n/field-problems";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import {
  type BaselineItem,
  checkValues,
  isOutOfRange,
  missingItems,
  problemOfConsent,
  problemOfRecordDay,
  today,
} from "@/core/protocol/values";
import type { Said } from "@/core/words";
import { type EnrolInput, enrolInput, type SubjectDetail } from "@/server/schemas/enrolment";
import { ItemField } from "../item-field";

/** Whoever is enrolled has every required item; those of the first visit are asked for, too. What is recorded already is not asked again. */
function askedAtEnrolment({ baseline: { items, visits }, values }: SubjectDetail): BaselineItem[] {
  return items.filter(
    ({ key, required, visit }) => values[key] === undefined && (required || visit === visits[0]?.key),
  );
}

export function EnrolForm({ study, subject }: { study: string; subject: SubjectDetail }) {
  const t = useTranslations("enrolment");
  const router = useRouter();
  const trpc = useTRPC();
  const items = askedAtEnrolment(subject);
  const schema = enrolInput.superRefine(({ values, consentSignedOn, examOn, reason }, context) => {
    const checked = checkValues(items, values, today(), reason ? "taken" : "asked");
    const missing = missingItems(items, { ...checked.values, ...checked.problems });
    const problems: Record<string, Said> = {
      ...checked.problems,
      ...Object.fromEntries(missing.map(({ key }) => [key, { key: "fields.item_required" } as const])),
    };
    for (const [key, { key: message, values: params }] of Object.entries(problems))
      context.addIssue({ code: "custom", path: ["values", key], message, params });
    for (const [field, day] of Object.entries({ consentSignedOn, examOn })) {
      const order = field === "examOn" && !reason ? problemOfConsent({ consentSignedOn, examOn }) : null;
      const problem = problemOfRecordDay(subject.baseline, day, today()) ?? order;
      if (problem) context.addIssue({ code: "custom", path: [field], message: problem.key, params: problem.values });
    }
  });
  const form = useForm<EnrolInput>({
    resolver: useFieldResolver(schema),
    defaultValues: {
      number: subject.number,
      reason: null,
      values: Object.fromEntries(items.map(({ key }) => [key, ""])),
      ...(subject.exam ? { examOn: subject.exam.performedOn, scanner: subject.exam.scanner } : {}),
    },
  });
  const enrol = useMutation(trpc.enrolment.enrol.mutationOptions({ onSuccess: () => router.refresh() }));
  const { errors } = form.formState;
  const { values = {}, consentSignedOn = "", examOn = "" } = form.watch();
  const asksReason =
    items.some((item) => values[item.key] && isOutOfRange(item, Number(values[item.key]))) ||
    (examOn !== "" && problemOfConsent({ consentSignedOn, examOn }) !== null);
  return (
    <Card>
      <form
        method="post"
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
        {items.map((item) => (
          <ItemField
            key={item.key}
            item={item}
            error={errors.values?.[item.key]?.message}
            {...form.register(`values.${item.key}`)}
          />
        ))}
        <TextField
          label={t("subject.examOn")}
          type="date"
          error={errors.examOn?.message}
          {...form.register("examOn")}
        />
        <TextField label={t("subject.scanner")} error={errors.scanner?.message} {...form.register("scanner")} />
        {asksReason ? (
          <TextArea
            className="sm:col-span-2"
            label={t("subject.outsideReason")}
            hint={t("subject.outsideHint")}
            maxLength={1000}
            error={errors.reason?.message}
            {...form.register("reason", { setValueAs: (text: string | null) => text?.trim() || null })}
          />
        ) : null}
        <div className="sm:col-span-2">
          <Button kind="primary" type="submit" disabled={enrol.isPending}>
            {enrol.isPending ? t("subject.busy") : t("subject.enrol")}
          </Button>
        </div>
      </form>
    </Card>
  );
}
