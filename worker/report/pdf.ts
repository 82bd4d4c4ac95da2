import pdfmake from "pdfmake";
import type { Content, ContentText, TableCell, TDocumentDefinitions } from "pdfmake/interfaces";
import { type Part, type ReportDocument, type ReportRow, type ReportTable, runsOf } from "@/core/report/parts";
import { fontFiles, fontName } from "./font";

const margin = 57;
const a4 = { width: 595.28, height: 841.89 };
/** Rows: pdfmake loses what must not break and is longer than a page. */
const longestOnOnePage = 20;
const soft = "#5a646e";
const warning = "#a4262c";

/** A report as a PDF, its figures as drawings, its font within. The same document gives the same bytes: dates are those of its records. */
export async function pdfOf(report: ReportDocument): Promise<Uint8Array> {
  pdfmake.setFonts({
    [fontName]: {
      normal: fontFiles.normal,
      bold: fontFiles.bold,
      italics: fontFiles.normal,
      bolditalics: fontFiles.bold,
    },
  });
  pdfmake.setUrlAccessPolicy(() => false);
  pdfmake.setLocalAccessPolicy((path: string) => Object.values(fontFiles).includes(path));
  let wide = false;
  const content: Content[] = [
    { text: report.title, fontSize: 17, bold: true, margin: [0, 0, 0, 4] },
    { text: report.subtitle, fontSize: 9, color: soft, margin: [0, 0, 0, 10] },
  ];
  let turn = false;
  for (const part of report.parts) {
    if (part.kind === "page") {
      wide = part.wide;
      turn = true;
      continue;
    }
    const made = drawn(part, wide);
    const [first, ...rest] = made;
    if (turn && first !== undefined)
      content.push({ stack: [first], pageBreak: "before", pageOrientation: wide ? "landscape" : "portrait" }, ...rest);
    else content.push(...made);
    turn = false;
  }
  const at = new Date(report.at);
  const definition: TDocumentDefinitions = {
    pageSize: "A4",
    pageMargins: [margin, 62, margin, 56],
    // A font of Chinese letters draws curly quotes as wide as those, unless it is asked for the narrow ones.
    defaultStyle: {
      font: fontName,
      fontSize: 9.5,
      lineHeight: 1.25,
      ...(report.language === "en" && { fontFeatures: ["pwid"] }),
    },
    language: report.language === "zh" ? "zh-CN" : "en-GB",
    info: {
      title: report.title,
      author: "Nodewise",
      creator: "Nodewise",
      producer: "Nodewise",
      creationDate: at,
      modDate: at,
    },
    header: {
      columns: [
        { text: report.header, fontSize: 8, color: soft, width: "*" },
        ...(report.watermark
          ? [{ text: report.watermark, fontSize: 9, bold: true, color: warning, width: "auto" as const }]
          : []),
      ],
      margin: [margin, 28, margin, 0],
    },
    footer: (page, pages) => ({
      columns: [
        { text: report.footer, fontSize: 7.5, color: soft, width: "*" },
        { text: `${page} / ${pages}`, fontSize: 7.5, color: soft, width: "auto" },
      ],
      margin: [margin, 20, margin, 0],
    }),
    content,
    // No heading stands alone at the foot of a page.
    pageBreakBefore: ({ headlineLevel }, nodes) =>
      headlineLevel !== undefined && nodes.getFollowingNodesOnPage().length === 0,
  };
  return new Uint8Array(await pdfmake.createPdf(definition).getBuffer());
}

const runs = (text: string): ContentText["text"] =>
  runsOf(text).map(({ text: piece, isRaised }) => (isRaised ? { text: piece, sup: true } : piece));

function drawn(part: Part, wide: boolean): Content[] {
  const room = (wide ? a4.height : a4.width) - 2 * margin;
  switch (part.kind) {
    case "heading":
      return [
        part.level === 1
          ? { text: part.text, fontSize: 14, bold: true, color: "#0b6e75", margin: [0, 14, 0, 5], headlineLevel: 1 }
          : { text: part.text, fontSize: 11, bold: true, margin: [0, 8, 0, 3], headlineLevel: 2 },
      ];
    case "paragraph":
      return [
        {
          text: runs(part.text),
          margin: [0, 0, 0, 6],
          ...(part.tone === "warning" && { color: warning, bold: true }),
          ...(part.tone === "small" && { fontSize: 8.5 }),
        },
      ];
    case "list":
      return [
        {
          ul: part.items.map((item) => ({
            text: runs(item),
            margin: [0, 0, 0, 2] as [number, number, number, number],
          })),
          margin: [0, 0, 0, 6],
        },
      ];
    case "table":
      return [
        {
          stack: [{ text: part.title, bold: true, margin: [0, 10, 0, 4] }, tableOf(part, room), ...notes(part.notes)],
          // A table that fits on a page stands on one.
          unbreakable: part.rows.length <= longestOnOnePage,
        },
      ];
    case "figure": {
      const scale = Math.min(1, room / part.width, 600 / part.height);
      return [
        {
          stack: [
            { svg: part.svg, width: part.width * scale, margin: [0, 8, 0, 4] },
            { text: part.title, bold: true, margin: [0, 2, 0, 3] },
            ...notes(part.notes),
          ],
          unbreakable: true,
        },
      ];
    }
    case "page":
      return [];
  }
}

const notes = (texts: readonly string[]): Content[] =>
  texts.map((text, at) => ({ text: runs(text), fontSize: 7.8, color: soft, margin: [0, at === 0 ? 4 : 0, 0, 2] }));

function tableOf({ head, rows, widths, texts }: ReportTable, room: number): Content {
  const whole = widths.reduce((sum, width) => sum + width, 0);
  const padding = 6;
  const cell = (text: string, column: number, bold: boolean, inset: boolean): TableCell => ({
    text: runs(text),
    alignment: column >= texts ? "right" : "left",
    bold,
    margin: [inset ? 9 : 0, 0, 0, 0],
  });
  const row = ({ cells, heads, inset }: ReportRow): TableCell[] => {
    const spansAll = heads === true && cells.slice(1).every((text) => text === "");
    return cells.map((text, column) =>
      spansAll && column === 0
        ? { text: runs(text), bold: true, colSpan: cells.length }
        : cell(text, column, heads === true && column === 0, inset === true && column === 0),
    );
  };
  const last = rows.length + 1;
  return {
    fontSize: 8,
    lineHeight: 1.15,
    table: {
      headerRows: 1,
      dontBreakRows: true,
      widths: widths.map((width) => (width / whole) * room - padding),
      body: [head.map((text, column) => cell(text, column, true, false)), ...rows.map(row)],
    },
    layout: {
      hLineWidth: (line) => (line === 0 || line === last ? 1 : line === 1 ? 0.5 : 0),
      vLineWidth: () => 0,
      hLineColor: () => "#3d4750",
      paddingLeft: () => padding / 2,
      paddingRight: () => padding / 2,
      paddingTop: () => 1.5,
      paddingBottom: () => 1.5,
    },
  };
}
