import { expect, test } from "vitest";
import { foundingTable } from "@/core/stats/paper/founding-table";
import { sayIn } from "@/core/words";
import { createCaller } from "@/server/api/root";
import { AppError } from "@/server/errors";
import { auditPublishedTable } from "@/server/services/paper/audit-published-table";

const declared = { positives: null, negatives: null, images: null };
const audit = (text: string) => auditPublishedTable(Buffer.from(text), { declared });
const problemsOf = (text: string) =>
  audit(text).then(
    () => [],
    (error) => (error instanceof AppError ? error.problems : [String(error)]),
  );

test("a table pasted from Excel says what the same table as CSV says", async () => {
  const csv = await audit(foundingTable);
  expect(csv.sets[0]?.margins).toEqual([{ positives: 318, negatives: 326 }]);
  for (const text of [
    foundingTable.replaceAll(",", "\t"),
    foundingTable.replaceAll(",", ";").replaceAll("\n", "\r\n"),
    `\uFEFF${foundingTable}`,
  ])
    expect(await audit(text)).toEqual(csv);
});

test("a table that is none, holds what is not kept or is too large is refused with what to do", async () => {
  expect(await problemsOf("Reader,Sens\nA,0.5\u0000")).toEqual([expect.stringContaining("U+0000")]);
  const rows = Array.from({ length: 5_000 }, (_, at) => `${at},0.5`).join("\n");
  expect(await problemsOf(`Reader,Sens\n${rows}`)).toEqual([
    "The table has 5000 rows; at most 100 are audited at once. Split it.",
  ]);
  expect(await problemsOf(`Reader,Sens\n${"A,0.5 \n".repeat(80_000)}`)).toEqual([
    expect.stringContaining("at most 400000 are read"),
  ]);
  expect(await problemsOf("no table at all")).toEqual([expect.stringContaining("No heading is understood")]);
  await expect(audit('Reader,Sens\n"A,0.5')).rejects.toMatchObject({ code: "invalid" });
});

test("figures and numbers of images that a cell or a heading got wrong are named together", async () => {
  expect(await problemsOf("Reader,Sens,Images\nA,high,0\nB,0.5,1e9")).toHaveLength(3);
});

test("whoever is signed in may ask, and nobody else", async () => {
  const person = {
    personId: "0198a3d0-0000-7000-8000-000000000000",
    sessionId: "0198a3d0-0000-7000-8000-000000000001",
    email: "someone@example.org",
    name: "Someone",
    mayCreateStudies: false,
    administersAccounts: false,
    mustChangePassword: false,
  };
  const input = { text: foundingTable, declared };
  const found = await createCaller({ person, locale: "en" }).paper.audit(input);
  expect(sayIn("zh")(found.sets[0]?.findings[0] ?? { key: "paper.and" })).toContain("只允许 318 幅阳性、326 幅阴性");
  const example = await createCaller({ person, locale: "en" }).paper.example();
  expect(example.audit).toEqual(found);
  await expect(createCaller({ person: null, locale: "en" }).paper.audit(input)).rejects.toMatchObject({
    code: "UNAUTHORIZED",
  });
  await expect(createCaller({ person: null, locale: "en" }).paper.example()).rejects.toMatchObject({
    code: "UNAUTHORIZED",
  });
});
