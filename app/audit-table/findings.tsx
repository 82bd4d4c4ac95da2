import { useTranslations } from "next-intl";
import { Badge, type Tone } from "@/app/_components/badge";
import { Card, Section } from "@/app/_components/page-header";
import { useFormat } from "@/app/_i18n/format";
import { useSay } from "@/app/_lib/use-say";
import type { Said } from "@/core/words";
import type { TableAudit } from "@/server/schemas/paper";

const looks: Record<TableAudit["rows"][number]["verdict"], [tone: Tone, shape: string]> = {
  possible: ["success", "✓"],
  impossible: ["danger", "✕"],
  open: ["neutral", "○"],
};

/** What the figures of a published table allow: of rows of the same images together, then of each. */
export function Findings({ audit: { rows, sets, notes } }: { audit: TableAudit }) {
  const t = useTranslations("auditTable");
  const words = useTranslations("paper");
  const say = useSay();
  const { list } = useFormat();
  return (
    <>
      <Section title={t("together")}>
        <div className="grid gap-4">
          {sets.map((set) => (
            <Card key={set.rows.join("\n")} className="break-inside-avoid">
              <h3 className="mb-2 wrap-anywhere">{list(set.rows)}</h3>
              <Sentences of={set.findings} />
              {set.tables.length > 0 ? (
                <Counts
                  label={t("tablesOf", { rows: list(set.rows) })}
                  rows={set.tables.flatMap(({ row, tables, more }) => [
                    ...tables.map((table) => ({ row, ...table })),
                    ...(more ? [{ row }] : []),
                  ])}
                />
              ) : null}
              {set.margins.length > 1 ? (
                <p className="mt-2 text-soft">
                  {t("margins")}{" "}
                  <span className="numbers">
                    {list([
                      ...set.margins.map((numbers) => words("numbers", numbers)),
                      ...(set.more ? [words("more")] : []),
                    ])}
                  </span>
                </p>
              ) : null}
            </Card>
          ))}
        </div>
      </Section>
      <Section title={t("rows")}>
        <div className="grid items-start gap-4 xl:grid-cols-2">
          {rows.map(({ row, verdict, printed, findings, tables, more }) => {
            const [tone, shape] = looks[verdict];
            return (
              <Card key={row} className="min-w-0 break-inside-avoid">
                <div className="mb-1 flex flex-wrap items-center gap-2">
                  <h3 className="wrap-anywhere">{row}</h3>
                  <Badge tone={tone} shape={shape}>
                    {words(`verdict.${verdict}`)}
                  </Badge>
                </div>
                <p className="numbers mb-2 text-soft text-sm">{list(printed.map(say), "apart")}</p>
                <Sentences of={findings} />
                {tables.length > 0 ? (
                  <Counts
                    label={t("tablesOf", { rows: row })}
                    rows={[...tables.map((table) => ({ row, ...table })), ...(more ? [{ row }] : [])]}
                  />
                ) : null}
              </Card>
            );
          })}
        </div>
      </Section>
      {notes.length > 0 ? (
        <Section title={t("notes")}>
          <Sentences of={notes} />
        </Section>
      ) : null}
    </>
  );
}

function Sentences({ of }: { of: readonly Said[] }) {
  const say = useSay();
  const sentences = [...new Set(of.map(say))];
  return (
    <ul className="grid max-w-prose list-disc gap-1 pl-5">
      {sentences.map((sentence) => (
        <li key={sentence} className="numbers wrap-anywhere">
          {sentence}
        </li>
      ))}
    </ul>
  );
}

const cells = ["tp", "fn", "tn", "fp"] as const;

/** 2 x 2 tables, one a line; a line without counts says that there are more. */
function Counts({
  label,
  rows,
}: {
  label: string;
  rows: readonly ({ row: string } & Partial<Record<(typeof cells)[number], number>>)[];
}) {
  const t = useTranslations("auditTable");
  const words = useTranslations("paper");
  return (
    <table aria-label={label} className="mt-3 text-sm">
      <thead>
        <tr className="border-line-strong border-b text-left">
          <th scope="col" className="py-1 pr-4 font-medium">
            {t("row")}
          </th>
          {cells.map((cell) => (
            <th key={cell} scope="col" className="px-3 py-1 text-right font-medium">
              <abbr title={t(`cell.${cell}`)} className="no-underline">
                {t(`short.${cell}`)}
              </abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ row, ...counts }) => (
          <tr key={`${row} ${counts.tp} ${counts.tn} ${counts.fn}`} className="border-line border-b last:border-0">
            <th scope="row" className="py-1 pr-4 text-left font-normal wrap-anywhere">
              {row}
            </th>
            {counts.tp === undefined ? (
              <td colSpan={4} className="px-3 py-1 text-right text-soft">
                {words("more")}
              </td>
            ) : (
              cells.map((cell) => (
                <td key={cell} className="px-3 py-1 text-right">
                  {counts[cell]}
                </td>
              ))
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
