import { createDecipheriv } from "node:crypto";
import { voucher } from "@/server/voucher";

/** The file of an image of which the database gave the name that it has at this place of a list (`nw.name_at`). */
export function fileAt(slotId: string, name: string): string {
  const key = Buffer.from(voucher("name of a file"), "hex");
  const place = Buffer.from(slotId.replaceAll("-", ""), "hex");
  const cipher = createDecipheriv("aes-256-cbc", key, place).setAutoPadding(false);
  return Buffer.concat([cipher.update(name, "hex"), cipher.final()]).toString("hex");
}
