"use client";

import dynamic from "next/dynamic";
import { useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { openedExam } from "./next-exam";
import type { StageProps } from "./stage";

/** Loaded when it is opened, and only in a browser: pages do not grow by it. */
const Stage = dynamic(() => import("./stage"), { ssr: false, loading: Loading });

function Loading() {
  const t = useTranslations("imaging.viewer");
  return (
    <p role="status" className="text-soft">
      {t("loading")}
    </p>
  );
}

/** Opens the images of an exam. */
export function OpenViewer(exam: Omit<StageProps, "onClose">) {
  const t = useTranslations("imaging.viewer");
  const [isOpen, setIsOpen] = useState(useSearchParams().get(openedExam) === exam.examId);
  return (
    <>
      <Button kind="primary" onClick={() => setIsOpen(true)}>
        {t("open")}
      </Button>
      {isOpen ? <Stage {...exam} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}
