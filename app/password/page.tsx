import { getTranslations } from "next-intl/server";
import { LanguageSwitch } from "@/app/_components/language-switch";
import { Card } from "@/app/_components/page-header";
import { pageTitle } from "@/app/_i18n/page-title";
import { SetPassword } from "./set-password";

export const generateMetadata = pageTitle("account.link.title");

/** Where a link to a new password leads; open to whoever has one. */
export default async function PasswordPage() {
  const t = await getTranslations("account.link");
  return (
    <main className="mx-auto grid min-h-dvh max-w-md content-center gap-6 px-4 py-10">
      <div>
        <div className="flex items-center justify-between gap-2">
          <h1>{t("title")}</h1>
          <LanguageSwitch />
        </div>
        <p className="text-soft">{t("hint")}</p>
      </div>
      <Card>
        <SetPassword />
      </Card>
    </main>
  );
}
