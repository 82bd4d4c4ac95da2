import { bytesOf, packed } from "./archive";

export type Cell = string | number | null;

const kind = "application/vnd.openxmlformats-officedocument.spreadsheetml";
/** Of the file as a whole. */
export const workbookType = `${kind}.sheet`;

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** A to Z, then AA. */
const column = (at: number): string =>
  (at < 26 ? "" : column(Math.floor(at / 26) - 1)) + String.fromCharCode(65 + (at % 26));

export interface Sheet {
  /** What Excel allows in no name is left out of it. */
  name: string;
  rows: readonly (readonly Cell[])[];
}

/**
 * Tables as an Excel workbook (Office Open XML, ECMA-376), the first row of each sheet held in sight. Numbers are numbers at full precision; a text is a
 * text, whatever it begins with, and computed by no spreadsheet.
 */
export function workbook(sheets: readonly Sheet[]): Uint8Array<ArrayBuffer> {
  const cell = (value: Cell, at: string, style: string) => {
    if (value === null || value === "") return "";
    if (typeof value === "number" && Number.isFinite(value)) return `<c r="${at}"${style}><v>${value}</v></c>`;
    return `<c r="${at}"${style} t="inlineStr"><is><t xml:space="preserve">${escaped(String(value))}</t></is></c>`;
  };
  const row = (values: readonly Cell[], y: number) => {
    const style = y === 0 ? ' s="1"' : "";
    return `<row r="${y + 1}">${values.map((value, x) => cell(value, `${column(x)}${y + 1}`, style)).join("")}</row>`;
  };
  const each = (of: (sheet: Sheet, number: number) => string) => sheets.map((sheet, at) => of(sheet, at + 1)).join("");
  const title = (name: string, number: number) =>
    escaped(name.replaceAll(/[[\]:*?/\\]/g, " ").slice(0, 31)) || String(number);
  const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>';
  const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
  const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const packages = "http://schemas.openxmlformats.org/package/2006";
  const files = {
    "[Content_Types].xml": `<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="${kind}.sheet.main+xml"/>${each((_, number) => `<Override PartName="/xl/worksheets/sheet${number}.xml" ContentType="${kind}.worksheet+xml"/>`)}<Override PartName="/xl/styles.xml" ContentType="${kind}.styles+xml"/></Types>`,
    "_rels/.rels": `<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `<workbook xmlns="${main}" xmlns:r="${office}"><sheets>${each(({ name }, number) => `<sheet name="${title(name, number)}" sheetId="${number}" r:id="s${number}"/>`)}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships xmlns="${packages}/relationships">${each((_, number) => `<Relationship Id="s${number}" Type="${office}/worksheet" Target="worksheets/sheet${number}.xml"/>`)}<Relationship Id="r1" Type="${office}/styles" Target="styles.xml"/></Relationships>`,
    "xl/styles.xml": `<styleSheet xmlns="${main}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf fontId="1" applyFont="1"/></cellXfs></styleSheet>`,
  };
  const tables = sheets.map(({ rows }, at): [string, string] => [
    `xl/worksheets/sheet${at + 1}.xml`,
    `<worksheet xmlns="${main}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${rows.map(row).join("")}</sheetData></worksheet>`,
  ]);
  return packed(new Map([...Object.entries(files), ...tables].map(([file, text]) => [file, bytesOf(head + text)])));
}
