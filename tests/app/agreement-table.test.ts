import { NextIntlClientProvider } from "next-intl";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { en } from "@/app/_messages/en";
import { zh } from "@/app/_messages/zh";
import { AgreementTable } from "@/app/studies/[study]/analysis/agreement-table";
import { markBeyondPlan } from "@/core/stats/comparison/beyond-plan";
import { words } from "@/core/words";
import { comparison } from "@/server/schemas/analysis";
import { studyOf } from "@/tests/support/made-up-study";

const compared = markBeyondPlan(
  comparison.parse(
    studyOf({ readers: 2, seed: 1, primary: null, isRepeated: (_, c, image) => c === 0 && image % 4 === 0 }).result,
  ),
);

/** The table in a language, its cells between bars. */
function tableIn(locale: "en" | "zh"): string {
  const messages = { ...words[locale], ...{ en, zh }[locale] };
  const provided = {
    locale,
    messages,
    timeZone: "UTC",
    children: createElement(AgreementTable, { comparison: compared }),
  };
  return renderToStaticMarkup(createElement(NextIntlClientProvider, provided)).replaceAll(/(<[^>]+>)+/g, "|");
}

test("a reader's agreement with herself on hidden repeats stands beside that of two readers, by reader and condition, with the number of pairs and an interval", () => {
  const again = compared.agreement.filter(({ kind }) => kind === "repeats");
  expect(again.map(({ readers, condition }) => [...readers, condition])).toEqual([
    ["R2", "R2", "cohort-1"],
    ["R3", "R3", "cohort-1"],
  ]);
  const said = tableIn("en");
  expect(said).toContain("R2 – R3");
  for (const { readers, n, observed, kappa } of again) {
    expect(said).toContain(`|${readers[0]}, hidden repeats|cohort-1|${n}|`);
    expect(said).toContain(`${(100 * (observed ?? 0)).toFixed(1)} %`);
    expect(kappa.lower).not.toBeNull();
    expect(said).toContain(`${kappa.estimate?.toFixed(3)}`);
  }
  expect(tableIn("zh")).toContain("|R2，隐藏重复|");
});
