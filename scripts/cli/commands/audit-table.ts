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

/** The audit as the page has it, a sentence a line. */
function inLines({ rows, sets, notes }: TableAudit): string[] {
  const impossible = rows.filter(({ verdict }) => verdict === "impossible").length;
  const ofSets = sets.flatMap(({ rows: names, findings, tables, margins, more }) => [
    "",
    `${names.join(", ")}:`,
    ...findings.map((said) => `  ${inWords(said)}`),
    ...tables.flatMap((each) => tablesInLines(each.tables, each.more).map((line) => `  ${each.row}: ${line}`)),
    ...(margins.length > 1
      ? [
          `  ${[...margins.map((values) => inWords({ key: "paper.numbers", values })), ...(more ? [inWords({ key: "paper.more" })] : [])].join(", ")}`,
        ]
      : []),
  ]);
  const ofRows = rows.flatMap(({ row, verdict, findings, tables, more }) => [
    "",
    inWords({ key: "paper.row", values: { row, verdict: { key: `paper.verdict.${verdict}` } } }),
    ...[...findings.map(inWords), ...tablesInLines(tables, more)].map((line) => `  ${line}`),
  ]);
  return [
    inWords({ key: "paper.answer", values: { impossible, rows: rows.length } }),
    ...ofSets,
    ...ofRows,
    ...(notes.length > 0 ? ["", ...notes.map(inWords)] : []),
  ];
}
