"use client";

import { useRouter } from "next/navigation";
import { useLocale } from "next-intl";
import { locales } from "@/core/words";
import { localeCookie } from "@/server/locale";
import { Button } from "./button";

const names = { en: "English", zh: "中文" } as const;
const aYear = 365 * 24 * 3600;

/** The other languages, each by its own name; the page stays. */
export function LanguageSwitch() {
  const current = useLocale();
  const router = useRouter();
  return locales
    .filter((locale) => locale !== current)
    .map((locale) => (
      <Button
        key={locale}
        kind="quiet"
        lang={locale}
        onClick={() => {
          // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API needs HTTPS, which a server within a hospital may not have
          document.cookie = `${localeCookie}=${locale}; path=/; max-age=${aYear}; samesite=lax`;
          router.refresh();
        }}
      >
        {names[locale]}
      </Button>
    ));
}
