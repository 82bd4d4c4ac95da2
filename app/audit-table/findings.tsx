import { useTranslations } from "next-intl";
import { Fragment } from "react";
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

type RowAudit = TableAudit["rows"][number];
type SetAudit = TableAudit["sets"][number];

/** What the figures of a published table allow: of rows of the same images together, then of each. */
export function Findings({ audit: { rows, sets, notes } }: { audit: TableAudit }) {
  const t = useTranslations("auditTable");
  return (
    <>
      <Section title={t("together")}>
        <div className="grid gap-4">
          {sets.map((set) => (
            <SetCard key={set.rows.join("\n")} set={set} />
          ))}
        </div>
      </Section>
      <Section title={t("rows")}>
        <div className="grid items-start gap-4 xl:grid-cols-2">
          {rows.map((row) => (
            <RowCard key={row.row} audit={row} />
          ))}
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

function SetCard({ set: { rows, leftOut, margins, more, findings, tables } }: { set: SetAudit }) {
  const t = useTranslations("auditTable");
  const words = useTranslations("paper");
  const { list } = useFormat();
  const numbers = margins.map(({ positives, negatives }) =>
    words("numbers", { positives, negatives, images: positives + negatives }),
  );
  const [first, ...others] = numbers;
  return (
    <Card className="break-inside-avoid">
      <h3 className="wrap-anywhere">{list(rows)}</h3>
      {first ? (
        <p className="mt-1 mb-3">
          <span className="numbers font-medium text-xl">{first}</span>{" "}
          <span className="text-soft">
            {others.length > 0 ? t("numbersSeveral") : t("numbersOnly")}
            {leftOut.length > 0
              ? t("numbersWithout", { figures: list(leftOut.map((name) => words(`figure.${name}`))) })
              : null}
          </span>
        </p>
      ) : null}
      <div className={tables.length > 0 ? "grid gap-x-10 gap-y-4 xl:grid-cols-[minmax(0,1fr)_minmax(0,1fr)]" : ""}>
        {tables.length > 0 ? (
          <Counts
            label={t("tablesOf", { rows: list(rows) })}
            rows={tables.flatMap(({ row, tables: found, more: hasMore, makes }) => [
              ...found.map((table) => ({ row, ...table, makes })),
              ...(hasMore ? [{ row }] : []),
            ])}
          />
        ) : null}
        <div className="min-w-0">
          <Sentences of={findings} />
          {others.length > 0 ? (
            <p className="numbers mt-2 text-soft text-sm">
              {t("numbersOthers", { numbers: list([...others, ...(more ? [words("more")] : [])]) })}
            </p>
          ) : null}
        </div>
      </div>
    </Card>
  );
}

function RowCard({ audit }: { audit: RowAudit }) {
  const t = useTranslations("auditTable");
  const words = useTranslations("paper");
  const say = useSay();
  const { list } = useFormat();
  const [tone, shape] = looks[audit.verdict];
  const groups = [
    { title: t("contradictions"), sentences: audit.contradictions },
    { title: t("atDeclared"), sentences: audit.atDeclared },
    { title: t("intervals"), sentences: audit.intervals },
  ].filter(({ sentences }) => sentences.length > 0);
  return (
    <Card className="min-w-0">
      <div className="flex flex-wrap items-center gap-2">
        <h3 className="wrap-anywhere">{audit.row}</h3>
        <Badge tone={tone} shape={shape}>
          {words(`verdict.${audit.verdict}`)}
        </Badge>
      </div>
      <p className="numbers mt-1 text-soft text-sm">{list(audit.printed.map(say), "apart")}</p>
      {groups.map(({ title, sentences }) => (
        <div key={title} className="mt-3 break-inside-avoid">
          <h4 className="mb-1 font-medium text-soft text-sm">{title}</h4>
          <Sentences of={sentences} />
        </div>
      ))}
      {audit.tables.length > 0 ? (
        <div className="mt-3">
          <Counts
            label={t("tablesOf", { rows: audit.row })}
            rows={[
              ...audit.tables.map((table) => ({ row: audit.row, ...table })),
              ...(audit.more ? [{ row: audit.row }] : []),
            ]}
          />
        </div>
      ) : null}
      {audit.verdict === "open" && groups.length === 0 ? <p className="mt-2 text-soft">{t("open")}</p> : null}
    </Card>
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
  rows: readonly ({ row: string; makes?: Said | null } & Partial<Record<(typeof cells)[number], number>>)[];
}) {
  const t = useTranslations("auditTable");
  const words = useTranslations("paper");
  const say = useSay();
  return (
    <table aria-label={label} className="w-full max-w-prose self-start text-sm">
      <thead>
        <tr className="border-line-strong border-b">
          <th scope="col" className="py-1 pr-4 text-left font-medium">
            {t("row")}
          </th>
          {cells.map((cell) => (
            <th key={cell} scope="col" className="w-14 px-2 py-1 text-right font-medium">
              <abbr title={t(`cell.${cell}`)} className="no-underline">
                {t(`short.${cell}`)}
              </abbr>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ row, makes, ...counts }) => (
          <Fragment key={`${row} ${counts.tp} ${counts.tn} ${counts.fn}`}>
            <tr className={makes ? "" : "border-line border-b last:border-0"}>
              <th scope="row" className="py-1 pr-4 text-left font-normal wrap-anywhere">
                {row}
              </th>
              {counts.tp === undefined ? (
                <td colSpan={4} className="px-2 py-1 text-right text-soft">
                  {words("more")}
                </td>
              ) : (
                cells.map((cell) => (
                  <td key={cell} className="px-2 py-1 text-right">
                    {counts[cell]}
                  </td>
                ))
              )}
            </tr>
            {makes ? (
              <tr className="border-line border-b last:border-0">
                <td colSpan={5} className="pb-1.5 text-soft">
                  {say(makes)}
                </td>
              </tr>
            ) : null}
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}
