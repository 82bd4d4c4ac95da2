import type { Protocol } from "@/core/protocol/protocol";

/** The T stages of the item `t_stage`, for as long as the table `baseline` has columns for sex, age and T stage; empty: anything goes. */
export function tStagesOf({ baseline }: Protocol): string[] {
  const item = baseline.items.find(({ key }) => key === "t_stage");
  return item?.type === "choice" ? item.options.map(({ key }) => key) : [];
}
