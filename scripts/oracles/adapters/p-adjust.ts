import { z } from "zod";
import { type Adjustment, adjustP } from "@/core/stats/groups/adjust-p";
import { defineAdapter } from "../context";

const methods: readonly Adjustment[] = ["bonferroni", "holm", "hochberg", "hommel", "bh", "by"];

export const adapter = defineAdapter(z.strictObject({ p: z.array(z.number().nullable()) }), ({ p }) =>
  Object.fromEntries(methods.map((method) => [method, adjustP(p, method)])),
);
