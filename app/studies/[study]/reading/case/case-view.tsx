"use client";

import { type ComponentProps, type ReactNode, useState } from "react";
import { useKeyDown } from "@/app/_keys/use-key-down";
import { useKeys } from "@/app/_keys/use-keys";
import type { KeyChoices } from "@/server/schemas/account";
import { CaseForm } from "./case-form";
import { CaseImages } from "./case-image";
import { ReadingKeyHelp } from "./key-help";
import { readingKeys } from "./keys";
import { beginPace, type Pace, submitted } from "./pace";
import { type Display, type Enlarging, useDisplay } from "./use-display";
import { useSeen } from "./use-seen";

/** What goes on as long as its key is held. */
const steps = ["zoomIn", "zoomOut", "narrower", "wider", "lighter", "darker"];

const isOfDisplay = (act: Display["act"], deed: string): deed is keyof Display["act"] => deed in act;

type CaseProps = Omit<ComponentProps<typeof CaseForm>, "keys" | "isCovered" | "onHelp" | "pace"> & {
  chosenKeys: KeyChoices;
  /** Of a practice case that was answered: what it is, in the place of the form. */
  answer?: ReactNode;
};

/** One case after the other, each as if it were the first; what stays is the reader's pace, how images are enlarged, and whether the buttons below them are in sight. */
export function CaseView({ onSubmit, ...props }: CaseProps) {
  const { shown, correcting } = props;
  const [pace, setPace] = useState(() => beginPace(Date.now()));
  /** The case whose time was counted last. */
  const [counted, setCounted] = useState<string>();
  const [isOpen, setIsOpen] = useState(false);
  const [kernel, setKernel] = useState<Enlarging["kernel"]>("browser");
  return (
    <Case
      key={shown.slotId}
      {...props}
      pace={pace}
      enlarging={{ kernel, setKernel }}
      tools={{ open: isOpen, onToggle: () => setIsOpen(!isOpen) }}
      onSubmit={(read) => {
        const isNew = !correcting && counted !== shown.slotId;
        setPace(submitted(pace, { now: Date.now(), activeMs: read.activeMs, isNew }));
        if (isNew) setCounted(shown.slotId);
        onSubmit(read);
      }}
    />
  );
}

/** A case: its images, and the form beside them, or below where the page is narrow. */
function Case({
  chosenKeys,
  answer,
  pace,
  enlarging,
  tools,
  onSubmit,
  ...props
}: CaseProps & { pace: Pace; enlarging: Enlarging; tools: ComponentProps<typeof CaseImages>["tools"] }) {
  const { shown, busy } = props;
  const display = useDisplay(shown, enlarging);
  const keys = useKeys(readingKeys, chosenKeys);
  const [help, setHelp] = useState(false);
  useKeyDown((event) => {
    const deed = readingKeys.deedOfKey(event, keys);
    if (!deed || (event.repeat && !steps.includes(deed))) return;
    // Over the form somebody may be signing in.
    if (deed === "help" && (help || !busy)) setHelp(!help);
    else if (!help && isOfDisplay(display.act, deed)) display.act[deed]();
  });
  const seen = useSeen({ person: props.person, slotId: shown.slotId });
  return (
    <div className="grid min-h-full content-start lg:content-stretch sm:max-lg:landscape:grid-cols-[minmax(0,1fr)_20rem] lg:grid-cols-[minmax(0,1fr)_24rem]">
      <CaseImages {...{ shown, display, keys, tools }} />
      {answer ?? (
        <CaseForm
          {...{ ...props, keys, pace }}
          isCovered={help}
          onHelp={() => setHelp(true)}
          onSubmit={(read) => onSubmit({ ...read, display: seen(display) })}
        />
      )}
      <ReadingKeyHelp form={shown.form} open={help} onOpenChange={setHelp} />
    </div>
  );
}
