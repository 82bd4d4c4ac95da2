import type { Metadata } from "next";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getTranslations } from "next-intl/server";
import type { ReactNode } from "react";
import { Toaster } from "sonner";
import { RedLine } from "./_components/red-line";
import { ShowTheme } from "./_components/show-theme";
import { showTheme } from "./_components/theme";
import { Providers } from "./_lib/trpc";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "Nodewise", template: "%s · Nodewise" },
  robots: { index: false },
};

/** Every page depends on who is signed in. */
export const dynamic = "force-dynamic";

export default async function RootLayout({ children }: { children: ReactNode }) {
  const t = await getTranslations("parts");
  return (
    <html lang={await getLocale()} suppressHydrationWarning>
      <head>
        {/* Before the first paint, so that a chosen theme never flashes. */}
        <script>{`(${showTheme})()`}</script>
      </head>
      <body>
        <ShowTheme />
        <NextIntlClientProvider>
          <RedLine />
          <Providers>{children}</Providers>
          <Toaster position="bottom-right" containerAriaLabel={t("notifications")} />
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
