import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "./_components/button";
import { LonePage } from "./_components/lone-page";

export default function Page() {
  const t = useTranslations("frame");
  return (
    <LonePage
      title={t("notFound")}
      action={
        <Button kind="primary" asChild>
          <Link href="/studies">{t("toStudies")}</Link>
        </Button>
      }
    >
      {t("notFoundHint")}
    </LonePage>
  );
}
