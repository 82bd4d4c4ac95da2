import { NextIntlClientProvider } from "next-intl";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { en } from "@/app/_messages/en";
import { zh } from "@/app/_messages/zh";
import { PlanCard } from "@/app/studies/[study]/lock/plan-card";
import type { LockedPlan } from "@/server/schemas/study";

type Primary = NonNullable<LockedPlan["analysis"]["primary"]>;

/** The card as a person reads it, in a language. */
function cardIn(locale: "en" | "zh", primary: Partial<Primary> = {}): string {
  const labels = {
    en: { cohort: "Cohort 1", sagittal: "Sagittal", iliac: "Internal iliac" },
    zh: { cohort: "第一轮阅片", sagittal: "矢状位", iliac: "髂内" },
  }[locale];
  const plan: LockedPlan = {
    version: "1.0",
    sha256: "a".repeat(64),
    analysis: {
      comparisons: ["condition", "reader", "network"],
      families: [["condition"], ["reader", "network"]],
      primary: {
        first: "network",
        second: "cohort-1",
        measure: "sensitivity",
        readers: "fixed",
        margin: 0.07,
        ...primary,
      },
      exclusions: { planes: ["sagittal"], regions: ["iliac"], shortAxisBelowMm: 3 },
    },
    conditions: [{ key: "cohort-1", label: labels.cohort }],
    planes: [{ key: "sagittal", label: labels.sagittal }],
    regions: [{ key: "iliac", label: labels.iliac }],
    ruleSets: [],
    lockedBy: "Li Wei",
  };
  const messages = { en, zh }[locale];
  const provided = { locale, messages, timeZone: "UTC", children: createElement(PlanCard, { plan }) };
  return renderToStaticMarkup(createElement(NextIntlClientProvider, provided)).replaceAll(/<[^>]+>/g, "|");
}

test("a plan is signed with its margin in a unit, and what it leaves out by name, in both languages", () => {
  expect(cardIn("en")).toContain("|7 percentage points|");
  expect(cardIn("zh")).toContain("|7 个百分点|");
  expect(cardIn("en", { measure: "auc", margin: 0.05 })).toContain("|0.05 (AUC, of 1)|");
  expect(cardIn("en", { margin: undefined })).toContain("|none: a test of a difference|");
  expect(cardIn("en")).toContain("Sagittal, Internal iliac, short axis below 3 mm");
  const chinese = cardIn("zh");
  expect(chinese).toContain("矢状位");
  expect(chinese).toContain("髂内");
  expect(chinese).not.toMatch(/sagittal|iliac|; /);
});
