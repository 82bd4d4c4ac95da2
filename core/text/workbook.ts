import { crc32 } from "./crc32";

export type Cell = string | number | null;

const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
/** Of the file as a whole. */
export const workbookType = `${kind}.sheet`;

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A to Z, then AA. */
const column = (at: number): string =>
  (at < 26 ? "" : column(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26));

/**
 * A table as an Excel workbook of one sheet (Office Open XML, ECMA-376), its first row held in sight. Numbers are numbers at full precision; a text is a
 * text, whatever it begins with, and computed by no spreadsheet.
 * @param name of the sheet; what Excel allows in none is left out
 */
export function workbook(name: string, rows: readonly (readonly Cell[])[]): Uint8Array<ArrayBuffer> {
  const cell = (value: Cell, at: string, style: string) => {
    if (value === null || value === "") return "";
    if (typeof value === "number" && Number.isFinite(value)) return `<c r="${at}"${style}><v>${value}</v></c>`;
    return `<c r="${at}"${style} t="inlineStr"><is><t xml:space="preserve">${escaped(String(value))}</t></is></c>`;
  };
  const sheet = rows
    .map((row, y) => {
      const style = y === 0 ? ' s="1"' : "";
      return `<row r="${y + 1}">${row.map((value, x) => cell(value, `${column(x)}${y + 1}`, style)).join("")}</row>`;
    })
    .join("");
  const title = escaped(name.replaceAll(/[[\]:*?/\\]/g, " ").slice(0, 31)) || "1";
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const packages = "http://schemas.openxmlformats.org/package/2006";
  const files = {
    "[Content_Types].xml": `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${kind}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${kind}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${kind}.styles+xml"/></Types>`,
    "_rels/.rels": `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${office}"><sheets><sheet name="${title}" sheetId="1" r:id="r1"/></sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    "xl/styles.xml": `<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
    "xl/worksheets/sheet1.xml": `<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${sheet}</sheetData></worksheet>`,
  };
  return zip(Object.entries(files).map(([file, text]) => [file, new TextEncoder().encode(head + text)]));
}

/** Files in one, not compressed (PKWARE APPNOTE 6.3). All of one moment, so that the same table gives the same bytes. */
function zip(files: readonly [name: string, bytes: Uint8Array][]): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  /** Numbers of 2 and 4 bytes, the lowest byte first. */
  const fields = (...values: [value: number, bytes: 2 | 4][]) =>
    Uint8Array.from(values.flatMap(([value, length]) => Array.from({ length }, (_, i) => (value >>> (8 * i)) & 0xff)));
  for (const [name, bytes] of files) {
    const named = new TextEncoder().encode(name);
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    const about = fields(
      [20, 2],
      [0x0800, 2],
      [0, 2],
      [0, 2],
      [0x0021, 2],
      [crc32(bytes), 4],
      [bytes.length, 4],
      [bytes.length, 4],
      [named.length, 2],
      [0, 2],
    );
    directory.push(fields([0x02014b50, 4], [20, 2]), about, fields([0, 2], [0, 2], [0, 2], [0, 4], [at, 4]), named);
    const local = [fields([0x04034b50, 4]), about, named, bytes];
    parts.push(...local);
    at += local.reduce((sum, { length }) => sum + length, 0);
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = fields([0x06054b50, 4], [0, 2], [0, 2], [files.length, 2], [files.length, 2], [size, 4], [at, 4], [0, 2]);
  const all = [...parts, ...directory, end];
  const result = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of all) {
    result.set(part, place);
    place += part.length;
  }
  return result;
}
