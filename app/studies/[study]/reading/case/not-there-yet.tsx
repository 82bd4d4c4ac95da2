import { useTranslations } from "next-intl";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";

/** No case is there yet: it comes, or could not be opened. @param failure why it could not be */
export function NotThereYet({
  failure,
  waiting,
  onOpenAgain,
}: {
  failure: string | null;
  waiting: string | null;
  onOpenAgain: () => void;
}) {
  const t = useTranslations("reading.case");
  if (failure === null)
    return (
      <p role="status" className="text-center text-soft">
        {waiting ?? t("opening")}
      </p>
    );
  return (
    <EmptyState
      title={t("notOpened")}
      action={
        <Button kind="primary" onClick={onOpenAgain}>
          {t("openAgain")}
        </Button>
      }
    >
      {failure}
    </EmptyState>
  );
}
