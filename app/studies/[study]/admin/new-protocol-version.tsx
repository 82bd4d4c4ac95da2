"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { TextArea, TextField } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

export function NewProtocolVersion({ study, initial }: { study: string; initial: string }) {
  const t = useTranslations("admin");
  const router = useRouter();
  const trpc = useTRPC();
  const [source, setSource] = useState(initial);
  const [reason, setReason] = useState("");
  const add = useMutation(
    trpc.admin.addProtocol.mutationOptions({
      onSuccess: () => {
        setReason("");
        router.refresh();
      },
    }),
  );
  return (
    <details>
      <summary className="cursor-pointer font-medium">{t("newVersion")}</summary>
      <form
        method="post"
        className="mt-3 grid max-w-3xl gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate({ study, source, reason });
        }}
      >
        {add.error ? <ProblemList {...problemOf(add.error)} /> : null}
        <TextArea
          label={t("source")}
          value={source}
          onChange={(event) => setSource(event.target.value)}
          rows={18}
          spellCheck={false}
          required
        />
        <TextField
          label={t("reason")}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          required
          minLength={3}
        />
        <Button kind="primary" type="submit" disabled={add.isPending} className="justify-self-start">
          {add.isPending ? t("saving") : t("save")}
        </Button>
      </form>
    </details>
  );
}
