import { expect, test } from "vitest";
import { asMeant, harmless } from "@/core/text/spreadsheet";

// OWASP, CSV Injection: cells that begin with = + - @ tab or carriage return are computed by spreadsheets.
test.each(["=1+1", '=HYPERLINK("http://x","y")', "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "＝1+1", "\t=1", "'=1"])(
  "%j is written so that no spreadsheet computes it, and comes back as it was",
  (text) => {
    expect(harmless(text)).toBe(`'${text}`);
    expect(asMeant(harmless(text))).toBe(text);
  },
);

test.each(["-0.25", "+1", "-1.5e-7", "S-001", "'quoted'", "'", "王 = 1", ""])(
  "%j is no formula and stays as it is",
  (text) => {
    expect(harmless(text)).toBe(text);
    expect(asMeant(text)).toBe(text);
  },
);
