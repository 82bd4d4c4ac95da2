"use client";

import { useTranslations } from "next-intl";
import { Button } from "@/app/_components/button";

export function PrintButton() {
  const t = useTranslations("passport");
  return <Button onClick={() => window.print()}>{t("print")}</Button>;
}
