import { useTranslations } from "next-intl";
import { Button } from "@/app/_components/button";
import { shortcutsOf } from "@/app/_keys/keys";
import { useKeys } from "@/app/_keys/use-keys";
import { type HandTool, handToolNames } from "./engine";
import { type Deed, viewerKeys } from "./keys";
import type { useNextExam } from "./next-exam";
import type { useBeside } from "./use-beside";

/** What is done with the pane in hand, by mouse; all of it has keys. */
export function Toolbar({
  tool,
  onTool,
  runs,
  mayEdit,
  beside,
  onBeside,
  nextExam,
  act,
}: {
  tool: HandTool;
  onTool: (tool: HandTool) => void;
  /** Whether the images run by themselves. */
  runs: boolean;
  mayEdit: boolean;
  beside: Pick<ReturnType<typeof useBeside>, "other" | "options" | "choose">;
  /** Is told how another exam comes beside, or goes. */
  onBeside: (change: () => void) => void;
  nextExam: Pick<ReturnType<typeof useNextExam>, "waiting" | "state">;
  act: (deed: Deed) => void;
}) {
  const t = useTranslations("imaging.viewer");
  const keys = useKeys(viewerKeys);
  const offered = handToolNames.filter((name) => name !== "measure" || mayEdit);
  return (
    <div
      role="toolbar"
      aria-label={t("tools")}
      className="flex gap-1 overflow-x-auto px-4 pt-1 pb-2 sm:flex-wrap lg:col-span-full"
    >
      {offered.map((name) => (
        <Button
          key={name}
          kind={tool === name ? "primary" : "secondary"}
          aria-pressed={tool === name}
          onClick={() => onTool(name)}
        >
          {t(`deed.${name}`)}
        </Button>
      ))}
      <Button kind={runs ? "primary" : "quiet"} aria-pressed={runs} onClick={() => act("cine")}>
        {t("deed.cine")}
      </Button>
      {(["actualSize", "asSent", "wholeRange", "narrower", "wider", "invert", "turn", "mirror", "reset"] as const).map(
        (deed) => (
          <Button key={deed} kind="quiet" onClick={() => act(deed)}>
            {t(`deed.${deed}`)}
          </Button>
        ),
      )}
      {beside.options.length > 0 ? (
        <label className="flex items-center gap-2 whitespace-nowrap text-sm">
          {t("beside.choose")}
          <select
            value={beside.other?.exam.id ?? ""}
            onChange={({ target }) => onBeside(() => beside.choose(target.value || null))}
            className="min-h-9 max-w-56 rounded-md border border-line bg-surface px-1.5 py-0.5"
          >
            <option value="">{t("beside.none")}</option>
            {beside.options.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {mayEdit ? (
        <>
          <Button kind="quiet" onClick={() => act("undo")}>
            {t("deed.undo")}
          </Button>
          {nextExam.waiting > 0 ? (
            <Button
              aria-keyshortcuts={shortcutsOf(keys, "nextExam")}
              disabled={nextExam.state !== "idle"}
              onClick={() => act("nextExam")}
            >
              {t(nextExam.state === "none" ? "noNextExam" : "deed.nextExam")}
            </Button>
          ) : null}
        </>
      ) : null}
    </div>
  );
}
