import { headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { type Locale, words } from "@/core/words";
import { localeOf } from "@/server/locale";
import { en } from "../_messages/en";
import { zh } from "../_messages/zh";

/** What no page says, and so no browser is sent: the sentences of a report and of exported images. */
const shared = <T extends { checklists: unknown; imageExport: unknown; report: unknown }>({
  checklists: _,
  imageExport: __,
  report: ___,
  ...others
}: T) => others;

/** What pages say and what they share with the model card and the command line, under one roof. */
const messages = { en: { ...en, ...shared(words.en) }, zh: { ...zh, ...shared(words.zh) } };

declare module "next-intl" {
  interface AppConfig {
    Locale: Locale;
    Messages: typeof en & typeof words.en;
  }
}

export default getRequestConfig(async () => {
  const locale = localeOf(await headers());
  return { locale, messages: messages[locale], timeZone: "UTC" };
});
