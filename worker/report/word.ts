import {
  AlignmentType,
  BorderStyle,
  Document,
  Footer,
  Header,
  HeadingLevel,
  ImageRun,
  type IParagraphOptions,
  type ISectionOptions,
  LevelFormat,
  LineRuleType,
  Packer,
  PageNumber,
  PageOrientation,
  Paragraph,
  Table,
  TableCell,
  TableLayoutType,
  TableRow,
  TabStopType,
  TextRun,
  WidthType,
} from "docx";
import { type Part, type ReportDocument, type ReportRow, type ReportTable, runsOf } from "@/core/report/parts";
import { bytesOf, packed, textOf, unpacked } from "@/core/text/archive";
import { pictureOf } from "./picture";

/** A twentieth of a point: the unit of Word. */
const twip = (millimetres: number) => Math.round((millimetres / 25.4) * 1440);
const a4 = { width: twip(210), height: twip(297) };
const margin = twip(20);
const textWidth = (wide: boolean) => (wide ? a4.height : a4.width) - 2 * margin;

const soft = "5A646E";
const warning = "A4262C";
const rule = { style: BorderStyle.SINGLE, size: 8, color: "3D4750" };
const thinRule = { style: BorderStyle.SINGLE, size: 4, color: "8A949E" };
const noRule = { style: BorderStyle.NONE, size: 0, color: "auto" };

/**
 * A report as a Word file. The same document gives the same bytes: dates are those of its records.
 * @returns the file
 */
export async function wordOf(report: ReportDocument): Promise<Uint8Array> {
  const document = new Document({
    title: report.title,
    creator: "Nodewise",
    lastModifiedBy: "Nodewise",
    description: report.watermark ?? "",
    styles: {
      default: {
        document: {
          run: {
            font: { ascii: "Arial", hAnsi: "Arial", cs: "Arial", eastAsia: "Microsoft YaHei" },
            size: 20,
            language: { value: report.language === "zh" ? "zh-CN" : "en-GB", eastAsia: "zh-CN" },
          },
          paragraph: { spacing: { after: 120, line: 288 } },
        },
        title: { run: { size: 34, bold: true }, paragraph: { spacing: { after: 80 } } },
        heading1: {
          run: { size: 28, bold: true, color: "0B6E75" },
          paragraph: { spacing: { before: 320, after: 120 } },
        },
        heading2: { run: { size: 22, bold: true }, paragraph: { spacing: { before: 200, after: 80 } } },
      },
    },
    numbering: {
      config: [
        {
          reference: "bullets",
          levels: [
            {
              level: 0,
              format: LevelFormat.BULLET,
              text: "•",
              alignment: AlignmentType.LEFT,
              style: { paragraph: { indent: { left: 360, hanging: 240 } } },
            },
          ],
        },
      ],
    },
    sections: sectionsOf(report),
  });
  return withDate(new Uint8Array(await Packer.toBuffer(document)), report.at);
}

/** The parts between two changes of the page, each a section. */
function sectionsOf(report: ReportDocument): ISectionOptions[] {
  const sections: { wide: boolean; parts: Part[] }[] = [{ wide: false, parts: [] }];
  for (const part of report.parts) {
    if (part.kind === "page") sections.push({ wide: part.wide, parts: [] });
    else sections.at(-1)?.parts.push(part);
  }
  return sections.map(({ wide, parts }, at) => ({
    properties: {
      page: {
        size: { ...a4, orientation: wide ? PageOrientation.LANDSCAPE : PageOrientation.PORTRAIT },
        margin: { top: margin, bottom: margin, left: margin, right: margin, header: twip(9), footer: twip(9) },
      },
    },
    headers: { default: new Header({ children: [edge(report.header, report.watermark, wide)] }) },
    footers: {
      default: new Footer({
        children: [
          new Paragraph({
            tabStops: [{ type: TabStopType.RIGHT, position: textWidth(wide) }],
            children: [
              new TextRun({ text: report.footer, size: 15, color: soft }),
              new TextRun({
                children: ["\t", PageNumber.CURRENT, " / ", PageNumber.TOTAL_PAGES],
                size: 15,
                color: soft,
              }),
            ],
          }),
        ],
      }),
    },
    children: [
      ...(at === 0
        ? [
            new Paragraph({ heading: HeadingLevel.TITLE, children: runs(report.title) }),
            new Paragraph({ children: runs(report.subtitle, { color: soft, size: 18 }) }),
          ]
        : []),
      ...parts.flatMap((part) => drawn(part, wide)),
    ],
  }));
}

function edge(text: string, mark: string | null, wide: boolean): Paragraph {
  return new Paragraph({
    tabStops: [{ type: TabStopType.RIGHT, position: textWidth(wide) }],
    children: [
      new TextRun({ text, size: 16, color: soft }),
      ...(mark ? [new TextRun({ text: `\t${mark}`, size: 18, bold: true, color: warning })] : []),
    ],
  });
}

interface Look {
  size?: number;
  color?: string;
  bold?: boolean;
}

/** A text with its raised marks; a line break where it has one. */
const runs = (text: string, look: Look = {}): TextRun[] =>
  text
    .split("\n")
    .flatMap((line, at) =>
      runsOf(line).map(
        ({ text: piece, isRaised }, i) =>
          new TextRun({ ...look, text: piece, superScript: isRaised, ...(at > 0 && i === 0 && { break: 1 }) }),
      ),
    );

function drawn(part: Part, wide: boolean): (Paragraph | Table)[] {
  switch (part.kind) {
    case "heading":
      return [
        new Paragraph({
          heading: part.level === 1 ? HeadingLevel.HEADING_1 : HeadingLevel.HEADING_2,
          keepNext: true,
          children: runs(part.text),
        }),
      ];
    case "paragraph":
      return [
        new Paragraph({
          children: runs(
            part.text,
            part.tone === "warning" ? { color: warning, bold: true } : part.tone === "small" ? { size: 17 } : {},
          ),
        }),
      ];
    case "list":
      return part.items.map(
        (item) =>
          new Paragraph({
            numbering: { reference: "bullets", level: 0 },
            spacing: { after: 60 },
            children: runs(item),
          }),
      );
    case "table":
      return [caption(part.title), tableOf(part, wide), ...notes(part.notes)];
    case "figure": {
      const room = textWidth(wide) / 20;
      const scale = Math.min(1, room / part.width, 620 / part.height);
      const [width, height] = [part.width * scale, part.height * scale];
      return [
        new Paragraph({
          keepNext: true,
          spacing: { before: 200, after: 60, line: 240, lineRule: LineRuleType.AUTO },
          children: [
            new ImageRun({
              type: "png",
              data: pictureOf(part.svg, { inches: width / 72 }),
              transformation: { width: (width * 96) / 72, height: (height * 96) / 72 },
              altText: { title: part.title, description: part.alt, name: part.title },
            }),
          ],
        }),
        caption(part.title, {}),
        ...notes(part.notes),
      ];
    }
    case "page":
      return [];
  }
}

const caption = (text: string, more: Partial<IParagraphOptions> = { keepNext: true }) =>
  new Paragraph({ ...more, spacing: { before: 200, after: 80 }, children: runs(text, { bold: true }) });

const notes = (texts: readonly string[]) =>
  texts.map(
    (text, at) =>
      new Paragraph({
        spacing: { before: at === 0 ? 80 : 0, after: 40 },
        children: runs(text, { size: 16, color: soft }),
      }),
  );

/** Rows. */
const longestOnOnePage = 20;

function tableOf({ head, rows, widths, texts }: ReportTable, wide: boolean): Table {
  const whole = widths.reduce((sum, width) => sum + width, 0);
  const columns = widths.map((width) => Math.round((width / whole) * textWidth(wide)));
  const size = 16;
  // A table that fits on a page stands on one.
  const together = rows.length <= longestOnOnePage;
  const alignmentOf = (column: number) => (column >= texts ? AlignmentType.RIGHT : AlignmentType.LEFT);
  const cell = (text: string, column: number, look: Look & { inset?: boolean; span?: number }, borders = {}) => {
    const { inset, span, ...of } = look;
    return new TableCell({
      width: { size: columns[column] ?? 0, type: WidthType.DXA },
      ...(span && { columnSpan: span }),
      margins: { top: 30, bottom: 30, left: 60, right: 60 },
      borders: { top: noRule, left: noRule, right: noRule, bottom: noRule, ...borders },
      children: [
        new Paragraph({
          alignment: alignmentOf(column),
          spacing: { after: 0, line: 240 },
          keepNext: together,
          ...(inset && { indent: { left: 180 } }),
          children: runs(text, { size, ...of }),
        }),
      ],
    });
  };
  const row = ({ cells, heads, inset }: ReportRow, at: number): TableRow => {
    const last = at === rows.length - 1;
    const spansAll = heads === true && cells.slice(1).every((text) => text === "");
    return new TableRow({
      cantSplit: true,
      children: (spansAll ? cells.slice(0, 1) : cells).map((text, column) =>
        cell(
          text,
          column,
          {
            bold: heads === true && column === 0,
            inset: inset === true && column === 0,
            ...(spansAll && { span: cells.length }),
          },
          last ? { bottom: rule } : {},
        ),
      ),
    });
  };
  return new Table({
    layout: TableLayoutType.FIXED,
    width: { size: columns.reduce((sum, width) => sum + width, 0), type: WidthType.DXA },
    columnWidths: columns,
    rows: [
      new TableRow({
        tableHeader: true,
        cantSplit: true,
        children: head.map((text, column) => cell(text, column, { bold: true }, { top: rule, bottom: thinRule })),
      }),
      ...rows.map(row),
    ],
  });
}

/** The file with one date in place of the clock's: of its properties, and of the entries of the archive. */
function withDate(file: Uint8Array, at: string): Uint8Array {
  const dated = (properties: Uint8Array) =>
    bytesOf(
      textOf(properties).replaceAll(
        /(<dcterms:(?:created|modified)[^>]*>)[^<]*/g,
        (_, tag: string) => `${tag}${at.replace(/\.\d+/, "")}`,
      ),
    );
  const files = unpacked(file, { limit: Number.POSITIVE_INFINITY });
  return packed(
    new Map([...files].map(([name, bytes]) => [name, name === "docProps/core.xml" ? dated(bytes) : bytes])),
  );
}
