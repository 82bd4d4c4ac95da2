"use client";

import { useTranslations } from "next-intl";
import { TextField } from "./field";

/** A password that a person chooses: as the schema `chosenPassword` has it. */
export function NewPassword() {
  const t = useTranslations("account");
  return (
    <TextField
      label={t("new")}
      hint={t("newHint")}
      type="password"
      name="newPassword"
      autoComplete="new-password"
      required
      minLength={12}
      maxLength={200}
    />
  );
}
