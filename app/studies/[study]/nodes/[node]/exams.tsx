import { useTranslations } from "next-intl";
import { Badge } from "@/app/_components/badge";
import { useFormat } from "@/app/_i18n/format";
import type { Passport } from "@/server/schemas/passport";
import { Fact, Facts, Noted } from "./facts";

/** The exams of the patient, the newest first, with what the scanner sent and whether it can be judged. */
export function Exams({ exams }: { exams: Exclude<Passport["exams"], string> }) {
  const t = useTranslations("passport");
  const { day, list } = useFormat();
  return (
    <ol className="grid gap-4">
      {exams.map(({ id, performedOn, scanner, by, at, images, quality }) => (
        <li key={id}>
          <Facts>
            <Fact name={t("exam.day")}>{day(performedOn)}</Fact>
            <Fact name={t("exam.scanner")}>{scanner}</Fact>
            <Fact name={t("noted")}>
              <Noted by={by} at={at} />
            </Fact>
            <Fact name={t("exam.images")}>{images ? t("exam.count", images) : null}</Fact>
            <Fact name={t("exam.quality")}>
              {quality ? (
                <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
                  <Badge
                    tone={quality.verdict === "usable" ? "success" : "warning"}
                    shape={quality.verdict === "usable" ? "●" : "▲"}
                  >
                    {t(`exam.verdict.${quality.verdict}`)}
                  </Badge>
                  {quality.reasons.length > 0 ? <span>{list(quality.reasons)}</span> : null}
                  <Noted by={quality.by} at={quality.at} />
                </span>
              ) : null}
            </Fact>
          </Facts>
        </li>
      ))}
    </ol>
  );
}
