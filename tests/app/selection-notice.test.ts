import { NextIntlClientProvider } from "next-intl";
import { createElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { en } from "@/app/_messages/en";
import { zh } from "@/app/_messages/zh";
import { SelectionNotice } from "@/app/studies/[study]/imaging/[number]/selection-notice";
import type { ImagingView } from "@/server/schemas/imaging";

const messages = { en, zh };

function noticeIn(locale: "en" | "zh", selection: ImagingView["selection"]): string {
  const notice = createElement(SelectionNotice, { selection });
  const language = { locale, messages: messages[locale], timeZone: "UTC" };
  const page = createElement(NextIntlClientProvider, { ...language, children: notice } as never);
  return renderToStaticMarkup(page)
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}

const of = { subject: "001", region: "Mesorectal" };
const [first, second] = [
  { label: "N1", shortAxisMm: 5 },
  { label: "N2", shortAxisMm: 7.25 },
];

test("a node that is not the largest of its region, and two of one, are told with both sizes, in both languages", () => {
  const selection = [
    { ...of, kept: [first], larger: second },
    { ...of, region: "直肠上动脉旁", kept: [second, first], larger: null },
  ];
  expect(noticeIn("en", selection)).toBe(
    "The protocol takes the largest separable node of each region Mesorectal: N1 5 mm is kept, and N2 7.25 mm was measured larger and is excluded. 直肠上动脉旁: 2 nodes are kept (N2 7.25 mm, N1 5 mm).",
  );
  expect(noticeIn("zh", selection)).toBe(
    "方案要求每个区域取可分辨的最大淋巴结 Mesorectal：保留的是 N1 5 mm，而 N2 7.25 mm 测得更大，却已排除。 直肠上动脉旁：保留了 2 枚淋巴结（N2 7.25 mm、N1 5 mm）。",
  );
});

test("where sizes are not shown the nodes are told without, and where all is as asked nothing is", () => {
  const hidden = [first, second].map((each) => ({ ...each, shortAxisMm: null }));
  expect(noticeIn("en", [{ ...of, kept: hidden, larger: null }])).toContain("(N1 – mm, N2 – mm)");
  expect(noticeIn("en", [])).toBe("");
});
