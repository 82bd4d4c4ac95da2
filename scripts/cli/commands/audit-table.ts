import { readFile } from "node:fs/promises";
import { Command } from "commander";
import { foundingPaper, foundingTable } from "@/core/stats/paper/founding-table";
import { inEnglish } from "@/core/words/said";
import { parsed, wholeNumber } from "@/scripts/cli/options";
import { runWithoutServices, unreadable } from "@/scripts/cli/run-command";
import { inWords, words } from "@/scripts/cli/words";
import { declaredNumbers, type TableAudit } from "@/server/schemas/paper";
import { auditPublishedTable } from "@/server/services/paper/audit-published-table";

/** audit-table [TABLE.csv] [--positives N] [--negatives N] [--images N] */
export function auditTableCommand(): Command {
  const command = new Command("audit-table")
    .description(words("audit_table.about"))
    .argument("[table]", words("audit_table.table"))
    .option("--positives <n>", words("audit_table.positives"), wholeNumber)
    .option("--negatives <n>", words("audit_table.negatives"), wholeNumber)
    .option("--images <n>", words("audit_table.images"), wholeNumber);
  runWithoutServices<{ positives?: number; negatives?: number; images?: number }>(
    command,
    async ({ args: [path], options: { positives = null, negatives = null, images = null } }) => {
      const declared = parsed(declaredNumbers, { positives, negatives, images });
      const bytes = path === undefined ? Buffer.from(foundingTable) : await readFile(path).catch(unreadable(path));
      const audit = await auditPublishedTable(bytes, { declared });
      return {
        json: inEnglish(audit),
        text: [
          ...(path === undefined ? [words("audit_table.example", { paper: foundingPaper })] : []),
          ...inLines(audit),
        ],
      };
    },
  );
  return command;
}

type Table = TableAudit["rows"][number]["tables"][number];

const tablesInLines = (tables: readonly Table[], more: boolean): string[] => [
  ...tables.map((values) => inWords({ key: "paper.table", values })),
  ...(more ? [inWords({ key: "paper.more" })] : []),
];

function setInLines({ rows, findings, tables, margins, more }: TableAudit["sets"][number]): string[] {
  const numbers = margins.map(({ positives, negatives }) =>
    inWords({ key: "paper.numbers", values: { positives, negatives, images: positives + negatives } }),
  );
  return [
    `${rows.join(", ")}:`,
    ...findings.map(inWords),
    ...(numbers.length > 1 ? [[...numbers, ...(more ? [inWords({ key: "paper.more" })] : [])].join(", ")] : []),
    ...tables.flatMap(({ row, tables: found, more: hasMore, makes }) => {
      const [only] = found;
      return only && makes
        ? [inWords({ key: "paper.row_makes", values: { row, ...only, makes } })]
        : tablesInLines(found, hasMore).map((line) => `${row}: ${line}`);
    }),
  ];
}

const rowInLines = (audit: TableAudit["rows"][number]): string[] => [
  inWords({ key: "paper.row", values: { row: audit.row, verdict: { key: `paper.verdict.${audit.verdict}` } } }),
  ...[...audit.contradictions, ...audit.atDeclared, ...audit.intervals].map(inWords),
  ...tablesInLines(audit.tables, audit.more),
];

/** The audit as the page has it, a sentence a line. */
function inLines({ rows, sets, notes }: TableAudit): string[] {
  const impossible = rows.filter(({ verdict }) => verdict === "impossible").length;
  const parts = [...sets.map(setInLines), ...rows.map(rowInLines)];
  return [
    inWords({ key: "paper.answer", values: { impossible, rows: rows.length } }),
    ...parts.flatMap(([head = "", ...lines]) => ["", head, ...lines.map((line) => `  ${line}`)]),
    ...(notes.length > 0 ? ["", ...notes.map(inWords)] : []),
  ];
}
