"use client";

import Link from "next/link";
import { useTranslations } from "next-intl";
import { useEffect, useRef } from "react";
import { SyntheticBadge } from "@/app/_components/badge";
import { Button } from "@/app/_components/button";
import { TextArea } from "@/app/_components/field";
import { Notice } from "@/app/_components/notice";
import { useFormat } from "@/app/_i18n/format";
import { isTyped } from "@/app/_keys/is-typed";
import { firstKey, type Keys, shortcutsOf } from "@/app/_keys/keys";
import { useKeyDown } from "@/app/_keys/use-key-down";
import { callOfRating } from "@/core/reading/rating";
import { proposeCall } from "@/core/reading/rule-set";
import type { CorrectRead, ReadingCase } from "@/server/schemas/reading";
import { kernelField } from "./case-image";
import { type ReadingDeed, readingKeys } from "./keys";
import { NotEvaluableField } from "./not-evaluable-field";
import { minutesFor, minutesWithoutBreak, type Pace } from "./pace";
import { RatingField, ratingOfKey } from "./rating-field";
import { useActiveTime, useDraft } from "./use-draft";

/** Whether an arrow is that of what has the focus: of several to choose one of, or of enlarged images that are scrolled. */
const takesArrows = ({ key, target }: KeyboardEvent) =>
  key.startsWith("Arrow") &&
  target instanceof HTMLElement &&
  ((target instanceof HTMLInputElement && target.type === "radio" && target.name === kernelField) ||
    (target.matches("section") &&
      (target.scrollWidth > target.clientWidth || target.scrollHeight > target.clientHeight)));

/** `reason`: of a correction, otherwise empty. */
type Read = Omit<CorrectRead, "slotId">;

/** Criteria, the call the rule proposes, rating, confidence, submit: every step has a key. */
export function CaseForm({
  study,
  person,
  shown,
  synthetic,
  busy,
  failure,
  note,
  correcting,
  practice = false,
  pace,
  keys,
  isCovered,
  onHelp,
  onCorrect,
  onLeave,
  onSubmit,
}: {
  study: string;
  /** The reader's e-mail address. */
  person: string;
  shown: ReadingCase;
  synthetic: boolean;
  busy: boolean;
  failure: string | null;
  /** What is said of the case beside that: what waits for the server, and why. */
  note: string | null;
  /** Whether this corrects the read that was submitted last. */
  correcting: boolean;
  /** Whether it is a practice case: no read of the study, and what it is comes with the answer. */
  practice?: boolean;
  pace: Pace;
  /** The reader's own. */
  keys: Keys<ReadingDeed>;
  /** Whether the map of the keyboard lies over it. */
  isCovered: boolean;
  onHelp: () => void;
  /** Goes to the read that was submitted last; null where there is none. */
  onCorrect: (() => void) | null;
  /** Leaves the correction. */
  onLeave: () => void;
  onSubmit: (read: Read) => void;
}) {
  const t = useTranslations("reading.case");
  const { list } = useFormat();
  const kept = { person, slotId: shown.slotId };
  const { draft, change } = useDraft(kept, { detour: correcting || practice });
  const activeTime = useActiveTime(kept);
  const top = useRef<HTMLDivElement>(null);
  const { criteria: formCriteria, confidence: asksConfidence, rating: scale, notEvaluable: mayRefuse } = shown.form;
  const present = formCriteria.filter(({ key }) => draft.criteria[key]).length;
  const proposal = shown.ruleSet
    ? proposeCall({ ruleSet: shown.ruleSet, present, shortAxisMm: shown.shortAxisMm ?? null })
    : null;
  const cutOff = scale?.positiveFrom;
  const rated = scale && draft.rating !== null ? callOfRating(scale, draft.rating) : null;
  const call = cutOff === undefined ? (draft.call ?? proposal?.call ?? null) : rated;
  const isJudged = draft.notEvaluable === null;
  const showsSize = shown.condition.shows.includes("size");
  const minutesLeft = minutesFor(pace, shown.total - shown.position + 1);
  const withoutBreak = minutesWithoutBreak(pace, { now: Date.now() });
  const overrides = proposal !== null && call !== null && call !== proposal.call;

  const missing = [
    isJudged && call === null && cutOff === undefined ? t("needCall") : null,
    isJudged && overrides && draft.overrideReason.trim() === "" ? t("needReason") : null,
    isJudged && scale && draft.rating === null ? t("needRating") : null,
    isJudged && asksConfidence && draft.confidence === null ? t("needConfidence") : null,
    draft.notEvaluable?.trim() === "" ? t("needNotEvaluableReason") : null,
    correcting && draft.reason.trim() === "" ? t("needCorrectionReason") : null,
  ].filter((each) => each !== null);

  const submit = () => {
    if (busy || missing.length > 0) return;
    change({ sent: true });
    onSubmit({
      idempotencyKey: draft.idempotencyKey,
      criteria: isJudged ? Object.fromEntries(formCriteria.map(({ key }) => [key, draft.criteria[key] ?? false])) : {},
      call: isJudged ? call : null,
      ...(isJudged && overrides ? { overrideReason: draft.overrideReason } : {}),
      confidence: isJudged && asksConfidence ? draft.confidence : null,
      rating: isJudged && scale ? draft.rating : null,
      notEvaluable: draft.notEvaluable,
      activeMs: activeTime(),
      reason: draft.reason,
    });
  };

  // On a narrow page the image above stays in sight.
  useEffect(() => top.current?.focus({ preventScroll: true }), []);

  useKeyDown((event) => {
    // What was submitted is as it was, and over the form somebody may be signing in, or choosing keys.
    if (busy || isCovered) return;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const presses = event.target instanceof HTMLElement && event.target.closest("a, button, summary") !== null;
    // Enter also ends a composition, as of Pinyin.
    if (event.key === "Enter" && !event.shiftKey && !presses && !event.isComposing) {
      event.preventDefault();
      submit();
      return;
    }
    if (isTyped(event.target) || takesArrows(event)) return;
    const deed = event.repeat ? undefined : readingKeys.deedOfKey(event, keys);
    if (deed === "correct" && !correcting) onCorrect?.();
    if (deed === "notEvaluable" && mayRefuse) change({ notEvaluable: isJudged ? "" : null });
    if (!isJudged) return;
    const isRange = event.target instanceof HTMLInputElement && event.target.type === "range";
    // Digits are the criteria's where there are any.
    const rating =
      scale && !isRange && (formCriteria.length === 0 || event.key.startsWith("Arrow"))
        ? ratingOfKey(event.key, scale, draft.rating)
        : undefined;
    if (rating !== undefined) {
      event.preventDefault();
      change({ rating });
      return;
    }
    const criterion = formCriteria[Number(event.key) - 1];
    if (criterion) change({ criteria: { ...draft.criteria, [criterion.key]: !draft.criteria[criterion.key] } });
    if (deed === "positive" || deed === "negative") change({ call: deed });
    if (asksConfidence && !isRange && (event.key === "ArrowRight" || event.key === "ArrowLeft")) {
      event.preventDefault();
      change({
        confidence: Math.max(0, Math.min(100, (draft.confidence ?? 50) + (event.key === "ArrowRight" ? 5 : -5))),
      });
    }
  });

  return (
    <div
      ref={top}
      tabIndex={-1}
      className="grid content-start gap-x-6 gap-y-4 border-line bg-surface p-4 outline-none md:max-lg:portrait:grid-cols-2 lg:border-l lg:p-6"
    >
      <div className="flex items-start justify-between gap-2 md:max-lg:portrait:col-span-2">
        <div>
          <p className="font-medium" data-testid="case-position">
            {t(practice ? "ofPractice" : "of", { position: shown.position, total: shown.total })}{" "}
            {synthetic ? <SyntheticBadge /> : null}
          </p>
          <p className="numbers text-soft text-sm" data-testid="pace">
            {shown.condition.label}
            {minutesLeft === null || correcting
              ? null
              : ` · ${t("left", { minutes: Math.ceil(minutesLeft), hours: (minutesLeft / 60).toFixed(1), long: minutesLeft > 90 ? "yes" : "no" })}`}
          </p>
        </div>
        {correcting ? (
          <Button kind="quiet" onClick={onLeave}>
            {t("leaveCorrection")}
          </Button>
        ) : (
          <Button kind="quiet" asChild>
            <Link href={`/studies/${study}/reading`}>{t("back")}</Link>
          </Button>
        )}
      </div>
      {withoutBreak === null || correcting ? null : (
        <div className="md:max-lg:portrait:col-span-2">
          <Notice>{t("rest", { minutes: withoutBreak })}</Notice>
        </div>
      )}
      {correcting ? (
        <div className="grid gap-3 md:max-lg:portrait:col-span-2">
          <Notice>{t("correcting")}</Notice>
          <TextArea
            label={t("correctionReason")}
            value={draft.reason}
            onChange={(event) => change({ reason: event.target.value })}
            required
            maxLength={500}
          />
        </div>
      ) : null}
      <div className="grid gap-1 text-sm md:max-lg:portrait:col-span-2">
        <dl className="flex flex-wrap gap-x-4 gap-y-1">
          <div className="flex gap-2">
            <dt className="text-soft">{t("plane")}</dt>
            <dd>{shown.crops.map(({ plane }) => plane).join(" · ")}</dd>
          </div>
          <div className="flex gap-2">
            <dt className="shrink-0 text-soft">{t("size")}</dt>
            <dd data-testid="short-axis">
              {!showsSize
                ? t("hiddenSize", { condition: shown.condition.label })
                : shown.shortAxisMm === undefined
                  ? t("notMeasured")
                  : t(proposal ? "mmNeeds" : "mm", {
                      value: shown.shortAxisMm.toFixed(1),
                      needed: proposal?.needed ?? 0,
                      count: formCriteria.length,
                    })}
            </dd>
          </div>
        </dl>
        {showsSize ? null : (
          <p className="text-soft" data-testid="one-canvas">
            {t("oneCanvas")}
          </p>
        )}
      </div>

      <div className="grid content-start gap-5 empty:hidden">
        {isJudged && formCriteria.length > 0 ? (
          <fieldset className="grid gap-2">
            <legend className="mb-1 font-medium">{t("criteria")}</legend>
            {formCriteria.map(({ key, label, hint }, index) => (
              <label
                key={key}
                title={hint}
                className="flex min-h-11 items-center gap-3 rounded-md border border-line px-3 has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent"
              >
                <kbd className="rounded-sm border border-line px-1.5 font-mono text-soft text-xs">{index + 1}</kbd>
                <input
                  type="checkbox"
                  className="sr-only"
                  checked={draft.criteria[key] ?? false}
                  onChange={(event) => change({ criteria: { ...draft.criteria, [key]: event.target.checked } })}
                />
                <span>{label}</span>
                <span className="ml-auto text-soft text-sm">{draft.criteria[key] ? t("present") : t("absent")}</span>
              </label>
            ))}
          </fieldset>
        ) : null}

        {isJudged && scale ? (
          <RatingField scale={scale} rating={draft.rating} onRate={(rating) => change({ rating })} />
        ) : null}
      </div>

      <div className="grid content-start gap-5">
        {isJudged && cutOff === undefined ? (
          <fieldset className="grid gap-2">
            <legend className="mb-1 font-medium">{t("call")}</legend>
            {proposal ? (
              <p className="text-sm" data-testid="proposal" title={t("rule", { title: shown.ruleSet?.title ?? "" })}>
                {t("proposal", {
                  present,
                  count: formCriteria.length,
                  needed: proposal.needed,
                  call: t(proposal.call),
                })}
              </p>
            ) : null}
            <div className="grid grid-cols-2 gap-2">
              {(["positive", "negative"] as const).map((value) => (
                <label
                  key={value}
                  className="flex min-h-11 items-center justify-center gap-2 rounded-md border border-line font-medium has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-accent"
                >
                  <input
                    type="radio"
                    name="call"
                    className="sr-only"
                    checked={call === value}
                    onChange={() => change({ call: value })}
                  />
                  <span aria-hidden="true">{value === "positive" ? "+" : "−"}</span>
                  {t(value)}
                  <kbd className="rounded-sm border border-line px-1.5 font-mono text-soft text-xs">
                    {firstKey(keys, value)}
                  </kbd>
                </label>
              ))}
            </div>
            {overrides && call ? (
              <TextArea
                label={t("override", { call: t(call) })}
                value={draft.overrideReason}
                onChange={(event) => change({ overrideReason: event.target.value })}
                required
                maxLength={500}
              />
            ) : null}
          </fieldset>
        ) : null}

        {isJudged && asksConfidence ? (
          <div className="grid gap-1">
            <label htmlFor="confidence" className="flex justify-between font-medium">
              {t("confidence")}
              <span className="numbers">
                {draft.confidence ?? "–"} <span className="font-normal text-soft text-sm">{t("confidenceUnit")}</span>
              </span>
            </label>
            <input
              id="confidence"
              type="range"
              min={0}
              max={100}
              step={5}
              value={draft.confidence ?? 50}
              onChange={(event) => change({ confidence: Number(event.target.value) })}
              onPointerDown={() => draft.confidence === null && change({ confidence: 50 })}
              className="h-11 w-full accent-accent"
            />
          </div>
        ) : null}

        {mayRefuse ? (
          <NotEvaluableField
            reasons={mayRefuse.reasons}
            reason={draft.notEvaluable}
            shortcut={firstKey(keys, "notEvaluable")}
            onChange={(notEvaluable) => change({ notEvaluable })}
          />
        ) : null}

        <div className="grid gap-2">
          <Button kind="primary" className="min-h-11 w-full" disabled={busy || missing.length > 0} onClick={submit}>
            {busy ? t("submitting") : t(correcting ? "submitCorrection" : practice ? "submitPractice" : "submit")}
          </Button>
          <p className="text-soft text-sm" role="status">
            {note ? (
              <span className="text-warning" data-testid="waiting">
                {note}
              </span>
            ) : failure ? (
              <span className="text-danger">{t("failed", { message: failure })}</span>
            ) : missing.length > 0 ? (
              t("missing", { what: list(missing) })
            ) : practice ? (
              t("practice")
            ) : (
              `${t("notSaved")} ${t("locked")}`
            )}
          </p>
        </div>

        <div className="flex flex-wrap items-center justify-between gap-2">
          <Button
            kind="quiet"
            className="-ml-3"
            disabled={busy}
            aria-haspopup="dialog"
            aria-keyshortcuts={shortcutsOf(keys, "help")}
            onClick={onHelp}
          >
            {t("keys")}
          </Button>
          {onCorrect && !correcting ? (
            <button
              type="button"
              className="text-soft text-sm underline underline-offset-2 max-sm:min-h-11"
              disabled={busy}
              aria-keyshortcuts={shortcutsOf(keys, "correct")}
              onClick={onCorrect}
            >
              {t("correct")}
            </button>
          ) : null}
        </div>
      </div>
    </div>
  );
}
