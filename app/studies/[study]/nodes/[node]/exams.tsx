import { useTranslations } from "next-intl";
import { Noted } from "@/app/_components/noted";
import { QualityVerdict } from "@/app/_components/quality-verdict";
import { useFormat } from "@/app/_i18n/format";
import type { Passport } from "@/server/schemas/passport";
import { Fact, Facts } from "./facts";

/** The exams of the patient, the newest first, with what the scanner sent and whether it can be judged. */
export function Exams({ exams }: { exams: Exclude<Passport["exams"], string> }) {
  const t = useTranslations("passport");
  const { day } = useFormat();
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
            <Fact name={t("exam.quality")}>{quality ? <QualityVerdict quality={quality} /> : null}</Fact>
          </Facts>
        </li>
      ))}
    </ol>
  );
}
