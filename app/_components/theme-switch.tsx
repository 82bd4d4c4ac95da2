"use client";

import { useTranslations } from "next-intl";
import { Button } from "./button";

export function ThemeSwitch() {
  const t = useTranslations("frame");
  return (
    <Button
      kind="quiet"
      aria-label={t("theme")}
      title={t("theme")}
      onClick={() => {
        const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
        document.documentElement.dataset.theme = next;
        localStorage.setItem("theme", next);
      }}
    >
      <span aria-hidden="true">◐</span>
    </Button>
  );
}
