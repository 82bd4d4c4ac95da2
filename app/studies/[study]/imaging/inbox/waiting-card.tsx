"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Button } from "@/app/_components/button";
import { SelectField } from "@/app/_components/field";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { ReasonDialog } from "@/app/_components/reason-dialog";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { InboxView } from "@/server/schemas/inbox";

/** Images of one study that wait: whom they say they are of, and the exam that somebody puts them into, or the reason why they are turned away. */
export function WaitingCard({
  study,
  waiting,
  exams,
}: {
  study: string;
  waiting: InboxView["waiting"][number];
  exams: InboxView["exams"];
}) {
  const t = useTranslations("imaging.inbox");
  const { day } = useFormat();
  const router = useRouter();
  const trpc = useTRPC();
  const { inboxId, name, hospitalNumber, birthDate, images, receivedAt } = waiting;
  const studyDate = waiting.studyDate.replace(/^(\d{4})(\d{2})(\d{2})$/, "$1-$2-$3");
  const dayOf = (date: string) => (/^\d{4}-\d{2}-\d{2}$/.test(date) ? day(date) : t("noDay"));
  const [examId, setExamId] = useState("");
  const match = useMutation(
    trpc.inbox.match.mutationOptions({
      onSuccess: (counts) => {
        toast.success(t("matched", counts));
        router.refresh();
      },
    }),
  );
  return (
    <li>
      <Card className="grid gap-6 md:grid-cols-2">
        <div className="grid content-start gap-1">
          <h2>
            {t("of", {
              name: name.split("=")[0]?.replaceAll("^", " ").trim() || t("nobody"),
              number: hospitalNumber || t("noNumber"),
            })}
          </h2>
          <p className="text-sm">
            {t("born", { day: dayOf(birthDate) })} · {t("taken", { day: dayOf(studyDate) })}
          </p>
          <p className="text-soft text-sm">
            {t("images", { count: images })} <When at={receivedAt} />
          </p>
        </div>
        <div className="grid content-start gap-3">
          {match.error ? <ProblemList {...problemOf(match.error)} /> : null}
          {exams.length > 0 ? (
            <SelectField
              label={t("exam")}
              value={examId}
              onChange={(event) => setExamId(event.target.value)}
              options={[
                { value: "", label: t("choose") },
                ...exams.map((exam) => ({
                  value: exam.examId,
                  label: t("examOf", { subject: exam.subject, day: day(exam.day) }),
                })),
              ]}
            />
          ) : null}
          <div className="flex flex-wrap gap-2">
            {exams.length > 0 ? (
              <Button
                kind="primary"
                disabled={examId === "" || match.isPending}
                onClick={() => match.mutate({ study, inboxId, examId })}
              >
                {match.isPending ? t("matching") : t("match")}
              </Button>
            ) : null}
            <TurnAway study={study} inboxId={inboxId} />
          </div>
        </div>
      </Card>
    </li>
  );
}

function TurnAway({ study, inboxId }: { study: string; inboxId: string }) {
  const t = useTranslations("imaging.inbox");
  const router = useRouter();
  const trpc = useTRPC();
  const turnAway = useMutation(trpc.inbox.turnAway.mutationOptions({ onSuccess: () => router.refresh() }));
  return (
    <ReasonDialog
      action={t("turnAway")}
      why={t("why")}
      deed={turnAway}
      onGive={(reason, done) => turnAway.mutate({ study, inboxId, reason }, { onSuccess: done })}
    >
      {t("means")}
    </ReasonDialog>
  );
}
