import type { ComponentProps } from "react";
import { TextField } from "./field";

/** The password that counts, also for the browser's own manager of them. */
export function PasswordField(
  props: Omit<ComponentProps<typeof TextField>, "type" | "name" | "autoComplete" | "required">,
) {
  return <TextField {...props} type="password" name="password" autoComplete="current-password" required />;
}
