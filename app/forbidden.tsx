import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "./_components/button";
import { EmptyState } from "./_components/empty-state";

export default function Page() {
  const t = useTranslations("frame");
  return (
    <main className="mx-auto max-w-2xl px-4 py-24">
      <EmptyState
        title={t("forbidden")}
        action={
          <Button kind="primary" asChild>
            <Link href="/studies">{t("toStudies")}</Link>
          </Button>
        }
      >
        {t("forbiddenHint")}
      </EmptyState>
    </main>
  );
}
