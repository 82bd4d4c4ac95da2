"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect } from "react";
import { Notice } from "@/app/_components/notice";
import { Progress } from "@/app/_components/progress";
import type { ExamView } from "@/server/schemas/series";

const refreshMilliseconds = 4_000;

/** How far letters are looked for in the images of an exam, as long as they are; the page follows. */
export function LookProgress({ look }: { look: NonNullable<ExamView["look"]> }) {
  const t = useTranslations("imaging.images.letters");
  const router = useRouter();
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) router.refresh();
    }, refreshMilliseconds);
    return () => clearInterval(timer);
  }, [router]);
  const { looked, total, waiting, isUnderWay } = look;
  return (
    <div className="mb-4 grid gap-2">
      <Progress label={t("progress", { looked, total })} done={looked} total={total} />
      <p className="text-soft text-sm">{waiting > 0 ? t("waiting", { count: waiting }) : t("inUse")}</p>
      {isUnderWay ? null : <Notice tone="warning">{t("noWorker")}</Notice>}
    </div>
  );
}
