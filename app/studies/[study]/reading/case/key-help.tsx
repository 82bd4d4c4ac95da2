import { useTranslations } from "next-intl";
import { Dialog } from "radix-ui";
import { Button } from "@/app/_components/button";
import { KeyHelp, StandingKeys } from "@/app/_keys/key-help";
import { choicesOf } from "@/core/reading/rating";
import type { ReadingCase } from "@/server/schemas/reading";
import { readingKeys } from "./keys";

/** The map of the keyboard of the reading room, over the case. */
export function ReadingKeyHelp({
  form: { criteria, rating: scale, confidence },
  open,
  onOpenChange,
}: {
  form: ReadingCase["form"];
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const t = useTranslations("reading.case");
  const arrows = { upDown: ["ArrowUp", "ArrowDown"], across: ["ArrowLeft", "ArrowRight"] };
  const digits = criteria.length === 0 && scale && choicesOf(scale) ? ["0 – 9"] : [];
  const rows = [
    criteria.length > 0 ? { keys: [`1 – ${criteria.length}`], does: t("keyCriteria") } : null,
    scale ? { keys: [...digits, ...arrows.upDown], does: t("keyRating") } : null,
    confidence ? { keys: arrows.across, does: t("keyConfidence") } : null,
    { keys: ["Enter"], does: t("keySubmit") },
    { keys: ["Escape"], does: t("closeKeys") },
  ].filter((each) => each !== null);
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay data-theme="reading" className="fixed inset-0 z-40 bg-black/50" />
        <Dialog.Content
          aria-describedby={undefined}
          // Not its first button: Enter would give all keys back.
          onOpenAutoFocus={(event) => {
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          data-theme="reading"
          className="fixed top-8 left-1/2 z-50 max-h-[calc(100dvh-4rem)] w-[28rem] max-w-[calc(100vw-2rem)] -translate-x-1/2 overflow-y-auto rounded-md border border-line bg-surface p-4 text-text shadow-card outline-none"
        >
          <KeyHelp
            book={readingKeys}
            heading={<Dialog.Title className="font-medium">{t("keys")}</Dialog.Title>}
            nameOf={(deed) => t(`deed.${deed}`)}
          >
            <StandingKeys rows={rows} />
            <p className="mt-3 text-soft text-sm">{t("mouse")}</p>
            <Dialog.Close asChild>
              <Button className="mt-3">{t("closeKeys")}</Button>
            </Dialog.Close>
          </KeyHelp>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
