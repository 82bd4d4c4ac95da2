"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { Button } from "@/app/_components/button";
import { TextArea, TextField } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { Card, PageHeader } from "@/app/_components/page-header";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { foundingPaper } from "@/core/stats/paper/founding-table";
import type { TableAudit } from "@/server/schemas/paper";
import { Findings } from "./findings";

const numberOf = (form: FormData, name: string) => (form.get(name) ? Number(form.get(name)) : null);

/** A table to type or paste, and below it what its figures allow; until then the founding paper's. */
export function AuditTable({ example }: { example: { text: string; audit: TableAudit } }) {
  const t = useTranslations("auditTable");
  const words = useTranslations("paper");
  const trpc = useTRPC();
  const form = useRef<HTMLFormElement>(null);
  const [text, setText] = useState("");
  const [shown, setShown] = useState<TableAudit | null>(null);
  const [changed, setChanged] = useState(false);
  const audit = useMutation(
    trpc.paper.audit.mutationOptions({
      onSuccess: (found) => {
        setShown(found);
        setChanged(false);
      },
    }),
  );
  const { rows } = shown ?? example.audit;
  const impossible = rows.filter(({ verdict }) => verdict === "impossible").length;
  const answer = words("answer", { impossible, rows: rows.length });

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const [positives, negatives, images] = ["positives", "negatives", "images"].map((name) => numberOf(fields, name));
    audit.mutate({
      text,
      declared: { positives: positives ?? null, negatives: negatives ?? null, images: images ?? null },
    });
  }

  function onKeyDown(event: KeyboardEvent) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.current?.requestSubmit();
  }

  function clear() {
    form.current?.reset();
    setText("");
    setShown(null);
    audit.reset();
  }

  return (
    <>
      <PageHeader
        title={t("title")}
        answer={<span role="status">{shown ? answer : t("exampleAnswer", { answer })}</span>}
      />
      <div className="no-print mb-8">
        <Card>
          <form method="post" ref={form} onSubmit={submit} onChange={() => setChanged(true)} className="grid gap-4">
            {audit.error ? <ProblemList {...problemOf(audit.error)} /> : null}
            <TextArea
              label={t("table")}
              hint={t("tableHint")}
              name="table"
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={onKeyDown}
              required
              maxLength={100_000}
              rows={8}
              spellCheck={false}
              style={{ fontFamily: "var(--font-mono)", whiteSpace: "pre" }}
            />
            <fieldset>
              <legend className="font-medium">{t("declared")}</legend>
              <p className="mb-2 text-soft text-sm">{t("declaredHint")}</p>
              <div className="grid max-w-xl grid-cols-3 gap-3">
                <TextField label={t("positives")} name="positives" type="number" min={1} max={20_000} />
                <TextField label={t("negatives")} name="negatives" type="number" min={1} max={20_000} />
                <TextField label={t("images")} name="images" type="number" min={2} max={40_000} />
              </div>
            </fieldset>
            <div className="flex flex-wrap gap-2">
              <Button kind="primary" type="submit" disabled={audit.isPending}>
                {audit.isPending ? t("auditing") : t("audit")}
              </Button>
              {text === "" && !shown ? (
                <Button onClick={() => setText(example.text)}>{t("takeExample")}</Button>
              ) : (
                <Button kind="quiet" onClick={clear}>
                  {t("clear")}
                </Button>
              )}
            </div>
          </form>
        </Card>
      </div>
      {shown ? null : (
        <Notice title={t("exampleTitle")}>
          <p lang="en">{foundingPaper}</p>
          {t("exampleHint")}
        </Notice>
      )}
      {shown && changed ? (
        <div className="no-print">
          <Notice tone="warning">{t("changed")}</Notice>
        </div>
      ) : null}
      <Findings audit={shown ?? example.audit} />
    </>
  );
}
