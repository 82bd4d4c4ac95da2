"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { type FormEvent, useState } from "react";
import { Button } from "@/app/_components/button";
import { SelectField, TextArea, TextField } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { Card } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { Hash } from "@/app/_components/values";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

const own = "own";

interface Shipped {
  key: string;
  title: string;
  version: string;
  sha256: string;
  source: string;
  noWashOut: boolean;
}

export function CreateStudyForm({ protocols }: { protocols: readonly Shipped[] }) {
  const t = useTranslations("studies.create");
  const router = useRouter();
  const trpc = useTRPC();
  const [chosen, setChosen] = useState("li-2021");
  const [source, setSource] = useState("");
  const create = useMutation(
    trpc.study.create.mutationOptions({ onSuccess: ({ slug }) => router.push(`/studies/${slug}`) }),
  );
  const shipped = protocols.find((protocol) => protocol.key === chosen);
  const problem = create.error ? problemOf(create.error) : null;

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    create.mutate({
      name: String(form.get("name")),
      site: String(form.get("site")),
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      shipped: chosen === own ? null : chosen,
      source: chosen === own ? source : null,
    });
  }

  return (
    <Card className="max-w-3xl">
      <form method="post" onSubmit={submit} className="grid gap-5">
        {problem ? <ProblemList {...problem} /> : null}
        <TextField label={t("name")} name="name" required minLength={3} maxLength={120} />
        <TextField label={t("site")} name="site" required minLength={2} maxLength={120} />
        <SelectField
          label={t("protocol")}
          name="protocol"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
          options={[
            ...protocols.map(({ key, title, version }) => ({ value: key, label: `${title} (${key} ${version})` })),
            { value: own, label: t("own") },
          ]}
        />
        {shipped ? (
          <>
            {shipped.noWashOut ? <Notice tone="warning">{t("washOut")}</Notice> : null}
            <p className="text-soft text-sm">
              {t("hash")} <Hash value={shipped.sha256} />
            </p>
            <details>
              <summary className="cursor-pointer font-medium">{t("view")}</summary>
              <pre className="mt-2 max-h-96 overflow-auto rounded-md bg-raised p-3 font-mono text-xs">
                {shipped.source}
              </pre>
            </details>
          </>
        ) : (
          <TextArea
            label={t("source")}
            hint={t("sourceHint")}
            value={source}
            onChange={(event) => setSource(event.target.value)}
            required
            rows={18}
            spellCheck={false}
          />
        )}
        <Button kind="primary" type="submit" disabled={create.isPending} className="justify-self-start">
          {create.isPending ? t("busy") : t("submit")}
        </Button>
      </form>
    </Card>
  );
}
