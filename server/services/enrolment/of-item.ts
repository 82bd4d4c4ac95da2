import type { Said } from "@/core/words";

/** A problem with the item that it is about. */
export const ofItem = (item: string | Said, problem: Said): Said => ({
  key: "errors.of_item",
  values: { item, problem },
});
