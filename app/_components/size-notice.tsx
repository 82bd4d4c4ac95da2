import { useTranslations } from "next-intl";
import { useSay } from "@/app/_lib/use-say";
import { type SizesShown, sizesInWords } from "@/core/reading/sizes-shown";
import { Notice } from "./notice";

/** Cases that readers judged by different sizes, node by node. Nothing where there are none. */
export function SizeNotice({ sizes }: { sizes: readonly SizesShown[] }) {
  const t = useTranslations("parts.sizes");
  const say = useSay();
  if (sizes.length === 0) return null;
  const isHidden = sizes.some(({ shown }) => shown.some(({ shortAxisMm }) => shortAxisMm === null));
  return (
    <Notice tone="warning" title={t("title", { cases: sizes.reduce((sum, { cases }) => sum + cases, 0) })}>
      <ul className="list-disc pl-5">
        {sizes.map((each) => (
          <li key={JSON.stringify(each)}>{say(sizesInWords(each))}</li>
        ))}
      </ul>
      <p>{t(isHidden ? "beforeLock" : "meaning")}</p>
    </Notice>
  );
}
