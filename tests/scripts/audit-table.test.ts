import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { foundingTable } from "@/core/stats/paper/founding-table";
import { sayIn } from "@/core/words";
import { inEnglish } from "@/core/words/said";
import { auditPublishedTable } from "@/server/services/paper/audit-published-table";

const folder = mkdtempSync(join(tmpdir(), "nodewise-audit-table-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const data = join(folder, "data");

const nodewise = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((done) => {
    execFile(
      process.execPath,
      ["--import", "tsx", "scripts/cli/main.ts", "audit-table", ...args],
      { env: { ...process.env, NODEWISE_DATA: data } },
      (error, stdout, stderr) => done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });

test("a published table is audited from the command line, in the sentences of the page and without a database", async () => {
  const file = join(folder, "table.csv");
  writeFileSync(file, foundingTable);
  const declared = { positives: null, negatives: null, images: null };
  const audit = await auditPublishedTable(Buffer.from(foundingTable), { declared });
  const { code, stdout, stderr } = await nodewise(file, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual(inEnglish(audit));
  const sentences = [
    ...audit.rows.flatMap((row) => [...row.contradictions, ...row.atDeclared, ...row.intervals]),
    ...audit.sets.flatMap(({ findings }) => findings),
    ...audit.notes,
  ];
  expect(sentences.length).toBeGreaterThan(40);
  for (const said of sentences) expect(stderr).toContain(sayIn("en")(said));
  expect(stderr).toContain("R2 C1: TP 174, FN 144, TN 231, FP 95");
  expect(stderr).not.toContain("Example");
  expect(existsSync(data)).toBe(false);
});

test("without a file it shows the founding paper's table as an example, in the language asked for", async () => {
  const { code, stderr } = await nodewise("--lang", "zh");
  expect(code).toBe(0);
  expect(stderr).toContain("示例：奠基论文的表格");
  expect(stderr).toContain("只允许 318 幅阳性、326 幅阴性图像，共 644 幅");
});

test("declared numbers come as options, and what is wrong is one clear message", async () => {
  const file = join(folder, "other.csv");
  writeFileSync(file, "Method,Sens,Spec\nA,0.90,0.80\n");
  const found = await nodewise(file, "--positives", "100", "--negatives", "50", "--json");
  expect(JSON.parse(found.stdout).rows[0]).toMatchObject({
    verdict: "possible",
    tables: [{ tp: 90, fn: 10, tn: 40, fp: 10 }],
  });
  expect(await nodewise(file, "--positives", "50000")).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringMatching(/--positives: .*20,?000/),
  });
  writeFileSync(file, "Method,Sens\nA,high\n");
  const refused = await nodewise(file, "--json");
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('Row A, Sens: "high" is not read') });
  expect(JSON.parse(refused.stdout)).toMatchObject({ error: { code: "invalid", problems: [expect.any(String)] } });
  expect(await nodewise(join(folder, "nowhere.csv"))).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("nowhere.csv cannot be read"),
  });
});
