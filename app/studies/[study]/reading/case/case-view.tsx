"use client";

import { type ComponentProps, type ReactNode, useState } from "react";
import { useKeyDown } from "@/app/_keys/use-key-down";
import { useKeys } from "@/app/_keys/use-keys";
import type { KeyChoices } from "@/server/schemas/account";
import { CaseForm } from "./case-form";
import { CaseImages } from "./case-image";
import { ReadingKeyHelp } from "./key-help";
import { readingKeys } from "./keys";
import { type Display, useDisplay } from "./use-display";
import { useSeen } from "./use-seen";

/** What goes on as long as its key is held. */
const steps = ["zoomIn", "zoomOut", "narrower", "wider", "lighter", "darker"];

const isOfDisplay = (act: Display["act"], deed: string): deed is keyof Display["act"] => deed in act;

/** A case: its images, and the form beside them. */
export function CaseView({
  chosenKeys,
  answer,
  ...props
}: Omit<ComponentProps<typeof CaseForm>, "keys" | "isCovered" | "onHelp"> & {
  chosenKeys: KeyChoices;
  /** Of a practice case that was answered: what it is, in the place of the form. */
  answer?: ReactNode;
}) {
  const { shown, busy } = props;
  const display = useDisplay(shown);
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
  const { onSubmit } = props;
  return (
    <div className="grid min-h-full lg:grid-cols-[minmax(0,1fr)_24rem]">
      <CaseImages {...{ shown, display, keys }} />
      {answer ?? (
        <CaseForm
          {...{ ...props, keys }}
          isCovered={help}
          onHelp={() => setHelp(true)}
          onSubmit={(read) => onSubmit({ ...read, display: seen(display) })}
        />
      )}
      <ReadingKeyHelp form={shown.form} open={help} onOpenChange={setHelp} />
    </div>
  );
}
