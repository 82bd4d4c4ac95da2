import { useTranslations } from "next-intl";
import type { Said } from "@/core/words";

/** Says what came from the server without words: errors, reasons, cautions. */
export function useSay(): (said: Said) => string {
  const t = useTranslations();
  const say = ({ key, values = {} }: Said): string =>
    t(
      key,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, typeof value === "object" ? say(value) : value]),
      ),
    );
  return say;
}
