"use client";

import { useTranslations } from "next-intl";
import { type ReactNode, useEffect } from "react";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { SignInAgain } from "./sign-in-again";
import type { useOneTab } from "./use-one-tab";

/** The dark room over the whole page, where somebody reads in one tab at a time, and signs in again where the session ended. */
export function Room({
  person,
  tab,
  onSignedIn,
  children,
}: {
  /** The reader's e-mail address. */
  person: string;
  tab: ReturnType<typeof useOneTab>;
  /** What is to be done again by whoever signs in again; null: nobody has to. */
  onSignedIn: (() => void) | null;
  children: ReactNode;
}) {
  const t = useTranslations("reading.case");
  useEffect(() => {
    const { style } = document.documentElement;
    // The page behind it is neither seen nor scrolled.
    Object.assign(style, { background: "oklch(0.13 0 0)", overflow: "hidden" });
    return () => void Object.assign(style, { background: "", overflow: "" });
  }, []);

  return (
    <div data-theme="reading" className="fixed inset-0 z-30 overflow-y-auto bg-ground text-text">
      {onSignedIn && tab.place === "here" ? <SignInAgain email={person} onSignedIn={onSignedIn} /> : null}
      {tab.place === "elsewhere" ? (
        <div className="mx-auto max-w-xl px-4 py-32">
          <EmptyState
            title={t("elsewhere")}
            action={
              <Button kind="primary" onClick={tab.takeOver}>
                {t("readHere")}
              </Button>
            }
          >
            {t("elsewhereHint")}
          </EmptyState>
        </div>
      ) : (
        children
      )}
    </div>
  );
}
