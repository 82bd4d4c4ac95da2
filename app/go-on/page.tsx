import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { Button } from "@/app/_components/button";
import { LonePage } from "@/app/_components/lone-page";
import { pageTitle } from "@/app/_i18n/page-title";

export const generateMetadata = pageTitle("frame.elsewhere");

const here = "http://localhost";

/** Where a browser comes that another site sent to a page of a study (`scripts/web.mjs`): that page is opened by whoever asks for it here. */
export default async function GoOnPage({ searchParams }: { searchParams: Promise<{ to?: string | string[] }> }) {
  const { to } = await searchParams;
  const t = await getTranslations("frame");
  if (typeof to !== "string" || !URL.canParse(to, here)) notFound();
  const { origin, pathname, search } = new URL(to, here);
  if (origin !== here || !pathname.startsWith("/studies/")) notFound();
  return (
    <LonePage
      title={t("elsewhere")}
      action={
        <Button kind="primary" asChild>
          {/* No Link: it would fetch the page ahead of the click. */}
          <a href={pathname + search}>{t("openPage")}</a>
        </Button>
      }
    >
      {t("elsewhereHint")} <code className="break-all">{pathname}</code>
    </LonePage>
  );
}
