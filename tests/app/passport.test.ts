import { NextIntlClientProvider } from "next-intl";
import { createElement, type FunctionComponent } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, test } from "vitest";
import { en } from "@/app/_messages/en";
import { zh } from "@/app/_messages/zh";
import { Crops } from "@/app/studies/[study]/nodes/[node]/crops";
import { Sizes } from "@/app/studies/[study]/nodes/[node]/sizes";
import { words } from "@/core/words";
import type { PassportCrop, PassportSize, PassportSlice } from "@/server/schemas/passport";

const messages = { en: { ...en, ...words.en }, zh: { ...zh, ...words.zh } };

function markupOf<P extends object>(part: FunctionComponent<P>, props: P, locale: "en" | "zh" = "en"): string {
  const language = { locale, messages: messages[locale], timeZone: "UTC" };
  return renderToStaticMarkup(
    createElement(NextIntlClientProvider, { ...language, children: createElement(part, props) } as never),
  );
}
const wordsOf = (markup: string) =>
  markup
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ")
    .trim();

const slice: PassportSlice = {
  ...{ instanceId: "11111111-1111-4111-8111-111111111111", frame: 1, frames: 1, exam: "2026-01-06", series: 4 },
  ...{ description: "T2 tra", number: 12, orientation: "axial", width: 200, height: 100, sha256: "a".repeat(64) },
  ...{ spacing: { rows: 0.5, columns: 0.75 }, at: new Date("2026-01-07T08:00:00Z"), by: "Coordinator" },
  picture: "shown",
};
const at = new Date("2026-01-08T09:30:00Z");
const measured: PassportSize = {
  ...{ id: "1", shortAxisMm: 3, counts: true, by: "Radiologist", at },
  measured: {
    ...{ longAxisMm: 9, repeat: 2, ends: Array.from({ length: 12 }, (_, i) => i), spacingSource: "patient", slice },
    spacing: { rows: 0.5, columns: 0.75 },
    axes: {
      long: [
        { x: 2.5, y: 3.5 },
        { x: 14.5, y: 3.5 },
      ],
      short: [
        { x: 8.5, y: 1.5 },
        { x: 8.5, y: 7.5 },
      ],
    },
  },
};
const typed: PassportSize = { id: "2", shortAxisMm: 5, counts: false, by: null, at, measured: null };
const crop: PassportCrop = {
  ...{ id: "3", plane: "axial", sha256: "b".repeat(64), originalSha256: "c".repeat(64), width: 20, height: 18 },
  ...{ bitDepth: 16, scaledFrom: null, supersededAt: null, by: "Radiologist", at },
  source: {
    ...{ box: { left: 30, top: 40, width: 20, height: 18 }, window: { low: 0, high: 900 }, by: "Radiologist", at },
    ...{ spacing: { rows: 0.5, columns: 0.75 }, slice },
  },
};
const planes = [
  { key: "axial", label: "Axial" },
  { key: "sagittal", label: "Sagittal" },
];
const sizesOf = (sizes: PassportSize[], withSources = true) => ({ study: "s", name: "001 N1", sizes, withSources });
const cropsOf = (crops: PassportCrop[]) => ({ study: "s", name: "001 N1", planes, crops, withSources: true });

describe("the sizes of a passport", () => {
  test("have a unit at every number, who, when with the time zone, and where in which slice, in both languages", () => {
    const said = wordsOf(markupOf(Sizes, sizesOf([measured])));
    expect(said).toContain("3.00 mm short axis, 9.00 mm long axis");
    expect(said).toContain("Radiologist, 8 Jan 2026 09:30 UTC");
    expect(said).toContain("No. 2 of this person");
    expect(said).toContain("4, T2 tra, exam of 2026-01-06");
    expect(said).toContain("0.5 mm between rows, 0.75 mm between columns");
    expect(wordsOf(markupOf(Sizes, sizesOf([measured]), "zh"))).toContain("短径 3.00 mm，长径 9.00 mm");
  });

  test("say of one that was typed that it has no image, unless the role does not see which have", () => {
    expect(wordsOf(markupOf(Sizes, sizesOf([typed])))).toContain("Typed, without an image ▲");
    expect(wordsOf(markupOf(Sizes, sizesOf([typed], false)))).not.toContain("Typed");
  });

  test("are drawn in the slice as it lies in the patient, not stretched to its pixels", () => {
    const markup = markupOf(Sizes, sizesOf([measured]));
    expect(markup).toContain("aspect-ratio:150 / 50");
    expect(markup).toContain(`/instances/${slice.instanceId}/slice?frame=1"`);
    expect(markup).toContain('x1="2.5" y1="3.5" x2="14.5" y2="3.5"');
  });
});

describe("the crops of a passport", () => {
  test("have their box on the slice from which they were cut, in pixels and millimetres, and a plane without one says so", () => {
    const markup = markupOf(Crops, cropsOf([crop]));
    expect(markup).toContain('<rect x="30" y="40" width="20" height="18"');
    expect(markup).toContain("slice?frame=1&amp;low=0&amp;high=900");
    expect(wordsOf(markup)).toContain("20 × 18 px, 30 px from the left, 40 px from the top · 15.0 × 9.0 mm");
    expect(wordsOf(markup)).toContain("Sagittal No crop ▲");
  });

  test("show no slice that is held, or that is none of this role's, and say why", () => {
    for (const [picture, why] of [
      ["held", "This slice is held"],
      ["role", "not shown to your role"],
    ] as const) {
      const source = crop.source && { ...crop.source, slice: { ...slice, picture } };
      const markup = markupOf(Crops, cropsOf([{ ...crop, source }]));
      expect(markup).not.toContain("/slice?");
      expect(wordsOf(markup)).toContain(why);
    }
  });

  test("that came as a file are marked, and one that was replaced stays with its hash", () => {
    const replaced = { ...crop, id: "4", supersededAt: at, sha256: "d".repeat(64) };
    const said = wordsOf(markupOf(Crops, cropsOf([{ ...crop, source: null }, replaced])));
    expect(said).toContain("Axial Came as a file, without a source ▲");
    expect(said).toContain("d".repeat(12));
  });
});
