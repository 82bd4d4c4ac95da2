import { AppError } from "@/server/errors";
import { shippedProtocols } from "./shipped-protocols";

/** A protocol that ships with the product. @throws AppError "not_found" that lists the keys there are */
export async function shippedProtocol(key: string) {
  const all = await shippedProtocols();
  const found = all.find((candidate) => candidate.key === key);
  if (!found)
    throw new AppError("not_found", {
      key: "errors.protocol_unknown",
      values: { protocol: key, known: all.map((each) => each.key).join(", ") },
    });
  return found;
}
