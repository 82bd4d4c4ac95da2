"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { Controller, useForm } from "react-hook-form";
import { Button } from "@/app/_components/button";
import { Choice, TextArea, TextField } from "@/app/_components/field";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { useFieldResolver } from "@/app/_i18n/field-problems";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { type ReportNode, reportNodeInput } from "@/server/schemas/pathology";

export function ReportForm({ study, nodeId, correcting }: { study: string; nodeId: string; correcting: boolean }) {
  const t = useTranslations("pathology");
  const router = useRouter();
  const trpc = useTRPC();
  const form = useForm<ReportNode>({
    resolver: useFieldResolver(reportNodeInput),
    defaultValues: { nodeId, specimen: null, confidence: null, reason: null },
  });
  const report = useMutation(trpc.pathology.report.mutationOptions({ onSuccess: () => router.refresh() }));
  const { errors } = form.formState;
  const result = form.watch("result");
  const emptyAsNull = { setValueAs: (value: string | null) => value?.trim() || null };
  return (
    <Card>
      <form
        method="post"
        onSubmit={form.handleSubmit((values) =>
          report.mutate({
            study,
            ...values,
            ...(values.result === "not_found" ? { specimen: null, confidence: null } : {}),
          }),
        )}
        className="grid gap-5"
        noValidate
      >
        {report.error ? <ProblemList {...problemOf(report.error)} /> : null}
        {correcting ? <p className="text-soft text-sm">{t("node.correctHint")}</p> : null}
        <Controller
          control={form.control}
          name="result"
          render={({ field }) => (
            <Choice
              legend={t("node.result")}
              name="result"
              value={field.value ?? null}
              onChange={field.onChange}
              error={errors.result?.message}
              options={(["positive", "negative", "not_found"] as const).map((value) => ({
                value,
                label: t(`result.${value}`),
              }))}
            />
          )}
        />
        {result === "not_found" ? null : (
          <>
            <TextField
              label={t("node.specimen")}
              hint={t("node.specimenHint")}
              error={errors.specimen?.message}
              {...form.register("specimen", emptyAsNull)}
            />
            <Controller
              control={form.control}
              name="confidence"
              render={({ field }) => (
                <Choice
                  legend={t("node.confidence")}
                  name="confidence"
                  value={field.value}
                  onChange={field.onChange}
                  error={errors.confidence?.message}
                  options={(["certain", "probable", "possible"] as const).map((value) => ({
                    value,
                    label: t(`confidence.${value}`),
                  }))}
                />
              )}
            />
          </>
        )}
        {report.error && problemOf(report.error).code === "conflict" && result !== "not_found" ? (
          <TextArea
            label={t("node.sharedReason")}
            error={errors.sharedReason?.message}
            {...form.register("sharedReason", emptyAsNull)}
          />
        ) : null}
        {correcting || result === "not_found" ? (
          <TextArea
            label={t("node.reason")}
            hint={result === "not_found" ? t("node.reasonNotFound") : undefined}
            error={errors.reason?.message}
            {...form.register("reason", emptyAsNull)}
          />
        ) : null}
        <Button kind="primary" type="submit" disabled={report.isPending} className="justify-self-start">
          {report.isPending ? t("node.busy") : t("node.submit")}
        </Button>
      </form>
    </Card>
  );
}
