import { useTranslations } from "next-intl";
import { useSay } from "@/app/_lib/use-say";
import { contradictionInWords } from "@/core/splits/contradictions";
import type { Contradiction } from "@/server/schemas/leakage";
import { Notice } from "./notice";

/** Pairs beyond this many are counted. */
const listed = 20;

/** The same picture with opposite truths, pair by pair. Nothing where there is none. */
export function ContradictionNotice({ contradictions }: { contradictions: readonly Contradiction[] }) {
  const t = useTranslations("parts.contradictions");
  const say = useSay();
  if (contradictions.length === 0) return null;
  const more = contradictions.length - listed;
  return (
    <Notice tone="warning" title={t("title", { count: contradictions.length })}>
      <ul className="list-disc pl-5">
        {contradictions.slice(0, listed).map((each) => (
          <li key={JSON.stringify(each)}>{say(contradictionInWords(each))}</li>
        ))}
        {more > 0 ? <li>{t("more", { more })}</li> : null}
      </ul>
      <p>{t("meaning")}</p>
    </Notice>
  );
}
