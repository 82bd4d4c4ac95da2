"use client";

import { useTranslations } from "next-intl";
import { Button } from "./_components/button";
import { EmptyState } from "./_components/empty-state";

export default function ErrorPage({ reset }: { reset: () => void }) {
  const t = useTranslations("frame");
  return (
    <div className="mx-auto max-w-2xl px-4 py-24">
      <EmptyState
        title={t("failed")}
        action={
          <Button kind="primary" onClick={reset}>
            {t("tryAgain")}
          </Button>
        }
      >
        {t("failedHint")}
      </EmptyState>
    </div>
  );
}
