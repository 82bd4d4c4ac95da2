import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 as zlibCrc32 } from "node:zlib";
import { expect, test } from "vitest";
import { textOf, unpacked } from "@/core/text/archive";
import { crc32 } from "@/core/text/crc32";
import { workbook } from "@/core/text/workbook";

const rows = [
  ["Reader", "AUC", "Note"],
  ["R2", 0.8291234567890123, 'a "quoted" <b> & more'],
  ["=1+1", -3, null],
  ["网络", 1e-9, " spaces "],
];

/** LibreOffice reads what another hand wrote; where it is not there this test says so. */
const hasLibreOffice = (() => {
  try {
    execFileSync("soffice", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasLibreOffice)(
  "another program reads the cells as they were: numbers to their last digit, and no text as a formula",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "workbook-"));
    try {
      writeFileSync(join(folder, "t.xlsx"), workbook([{ name: "AUC: 1/2", rows }]));
      const profile = `-env:UserInstallation=file://${join(folder, "profile")}`;
      const filter = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false";
      execFileSync(
        "soffice",
        [profile, "--headless", "--convert-to", filter, "--outdir", folder, join(folder, "t.xlsx")],
        {
          stdio: "ignore",
        },
      );
      expect(readFileSync(join(folder, "t.csv"), "utf8").split("\n")).toEqual([
        "Reader,AUC,Note",
        'R2,0.829123456789012,"a ""quoted"" <b> & more"',
        "=1+1,-3,",
        "网络,0.000000001, spaces ",
        "",
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  60_000,
);

test("the same table gives the same bytes, and they begin as ZIP files do", () => {
  const table = [{ name: "T", rows }];
  const one = workbook(table);
  expect(workbook(table)).toEqual(one);
  expect([...one.slice(0, 4)]).toEqual([0x50, 0x4b, 3, 4]);
  const sheet = unpacked(one, { limit: 100_000 }).get("xl/worksheets/sheet1.xml");
  expect(textOf(sheet ?? new Uint8Array())).toContain("0.8291234567890123");
});

test("each table is a sheet under its name, in their order", () => {
  const files = unpacked(
    workbook([
      { name: "FP", rows: [["a"]] },
      { name: "TP", rows: [["b"]] },
    ]),
    { limit: 100_000 },
  );
  const text = (name: string) => textOf(files.get(name) ?? new Uint8Array());
  const named = [...text("xl/workbook.xml").matchAll(/<sheet name="(.+?)".+?r:id="(.+?)"/g)].map(([, name, id]) => {
    const target = new RegExp(`Id="${id}"[^>]*Target="(.+?)"`).exec(text("xl/_rels/workbook.xml.rels"))?.[1];
    return [name, />(.)<\/t>/.exec(text(`xl/${target}`))?.[1]];
  });
  expect(named).toEqual([
    ["FP", "a"],
    ["TP", "b"],
  ]);
});

test.skipIf(typeof zlibCrc32 !== "function")("the check of a part is that of zlib", () => {
  const bytes = new TextEncoder().encode("123456789");
  expect(crc32(bytes)).toBe(0xcbf43926);
  expect(crc32(bytes)).toBe(zlibCrc32(bytes));
});
