import { AppError } from "@/server/errors";

export function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new AppError("invalid", { key: "errors.not_utf8" });
  }
}
