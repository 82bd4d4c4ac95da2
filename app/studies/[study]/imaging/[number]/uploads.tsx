import { useTranslations } from "next-intl";
import { Noted } from "@/app/_components/noted";
import { When } from "@/app/_components/values";
import { useFormat } from "@/app/_i18n/format";
import type { ExamView } from "@/server/schemas/series";

const mebibyte = 1024 ** 2;

/** What came of the files that were sent for an exam, upload by upload. */
export function Uploads({ uploads }: { uploads: ExamView["uploads"] }) {
  const t = useTranslations("imaging.images");
  const { comma, whole } = useFormat();
  if (uploads.length === 0) return null;
  return (
    <details className="mb-4">
      <summary className="cursor-pointer text-sm">{t("uploads", { count: uploads.length })}</summary>
      <ul className="mt-2 grid gap-3 text-sm">
        {uploads.map(({ id, source, at, by, ended, lettersSeen, notLookedAt }) => (
          <li key={id}>
            <p>
              {source === "browser" ? (
                <>
                  <Noted by={by} at={at} /> · {t("source.browser")}
                </>
              ) : (
                <>
                  {t(`source.${source}`)}
                  {comma}
                  <When at={at} zone />
                </>
              )}
            </p>
            <ul className="text-soft">
              {ended.map(({ outcome, reason, files, bytes }) => (
                <li key={`${outcome} ${reason}`} className="wrap-anywhere">
                  <span className="numbers text-text">{t(`outcome.${outcome}`, { count: whole(files) })}</span>
                  {outcome === "accepted" ? ` · ${t("mebibytes", { size: (bytes / mebibyte).toFixed(1) })}` : null}
                  {reason ? ` · ${reason}` : null}
                </li>
              ))}
              {lettersSeen > 0 ? <li>{t("letters.seen", { count: lettersSeen })}</li> : null}
              {notLookedAt > 0 ? <li>{t("letters.notLookedAt", { count: notLookedAt })}</li> : null}
            </ul>
          </li>
        ))}
      </ul>
    </details>
  );
}
