"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useId, useState } from "react";
import { Button } from "./button";
import { cn } from "./class-names";

/** A table under its figure: one button away on the screen, open in print. */
export function Fold({ name, children }: { name: string; children: ReactNode }) {
  const t = useTranslations("parts.fold");
  const [isOpen, setIsOpen] = useState(false);
  const id = useId();
  return (
    <div className="mt-3 min-w-0">
      <Button
        kind="quiet"
        className="no-print whitespace-normal px-2 text-left"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen(!isOpen)}
      >
        <span aria-hidden="true">{isOpen ? "▾" : "▸"}</span> {t(isOpen ? "hide" : "show", { name })}
      </Button>
      <div id={id} className={cn("mt-2", !isOpen && "hidden print:block")}>
        <h3 className="mb-2 hidden print:block">{name}</h3>
        {children}
      </div>
    </div>
  );
}
