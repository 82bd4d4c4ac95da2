import { describe, expect, test } from "vitest";
import { modelRun } from "@/db/schema";
import { importScores } from "@/server/services/model/import-scores";
import { modelCard } from "@/server/services/model/model-card";
import { runResult } from "@/server/services/model/run-result";
import { sha256 } from "@/server/sha256";
import { scoreFile, scoreHeader, scoreRows, studyForRuns } from "@/tests/support/model-runs";
import { saying } from "@/tests/support/said";
import { makeStudy } from "@/tests/support/study";

const { database, door, admin, scientist, crops, act, judged } = await studyForRuns();

describe("scores of a model trained elsewhere", () => {
  test("become a finished run of their own, once a file, with the file's hash in the audit trail", async () => {
    const csv = `\uFEFF${[scoreHeader, ...scoreRows(crops).toReversed()].join("\r\n")}\r\n`;
    const { runId } = await importScores(scientist, scoreFile([], { csv }));
    const { result } = await judged((tx) => runResult(tx, scientist, { runId }));
    expect(result).toMatchObject({ n: 18, patients: 6, positive: 9, fp: 0 });
    expect(result?.auc).toMatchObject({ caution: saying(/trained elsewhere/) });
    const [event] = await admin<{ detail: { sha256: string; images: number } }[]>`
      select detail from audit_event where action = 'scores.imported' and entity_id = ${runId}`;
    expect(event?.detail).toMatchObject({ sha256: sha256(new TextEncoder().encode(csv)), images: 18 });

    const count = async () => (await act((tx) => tx.select().from(modelRun))).length;
    const before = await count();
    expect(await importScores(scientist, scoreFile([], { csv }))).toEqual({ runId });
    await expect(importScores(scientist, scoreFile([], { csv, threshold: 0.3 }))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(runId),
    });
    expect(await count()).toBe(before);

    const { card } = await judged((tx) => modelCard(tx, scientist, { runId, locale: "en" }));
    expect(card?.markdown).toContain("Somebody's ResNet, PyTorch 2.4");
    expect(card?.markdown).toContain("Nothing was split here.");
  });

  test("come all or not at all, with every problem named by its row", async () => {
    const [first = "", second = "", , ...rest] = scoreRows(crops, 0.2);
    const place = (line: string) => line.split(",").slice(0, 3).join(",");
    const bad = scoreFile([
      first,
      `${place(second)},high`,
      first,
      "nobody,1,axial,0.5",
      ...rest.slice(1),
      `${place(rest[0] ?? "")},1.5`,
    ]);
    const runs = async () => (await act((tx) => tx.select().from(modelRun))).length;
    const before = await runs();
    const problems = await importScores(scientist, bad).catch((error) => error.problems);
    const third = crops[2];
    expect(problems).toEqual([
      expect.stringMatching(/^row 3: score "high" is not a number/),
      expect.stringMatching(/^row 4: subject .* is in row 2 already/),
      expect.stringMatching(/^row 5: there is no image of subject nobody node 1 plane axial/),
      expect.stringMatching(/^row 20: score 1.5 lies outside 0 to 1/),
      `subject ${third?.subject} node ${third?.node} plane ${third?.plane} has no row`,
    ]);
    expect(await runs()).toBe(before);
    const extra = scoreFile([], {
      csv: [`${scoreHeader},comment`, ...scoreRows(crops, 0.2).map((line) => `${line},x`)].join("\n"),
    });
    await expect(importScores(scientist, extra)).rejects.toMatchObject({
      problems: [expect.stringContaining('column "comment"')],
    });
    await expect(importScores(scientist, scoreFile(["a,b,c"], { csv: "a,b\n1,2" }))).rejects.toMatchObject({
      code: "invalid",
    });
    expect(await runs()).toBe(before);
  });

  test("of another study are refused with one line for their rows, and the number of all problems", async () => {
    const foreign = Array.from({ length: 25 }, (_, i) => `other-${i},1,axial,0.5`);
    await expect(importScores(scientist, scoreFile(foreign))).rejects.toMatchObject({
      message: expect.stringContaining("43 problems"),
      problems: [
        expect.stringMatching(
          /^rows 2, 3, 4, 5, 6 and 20 more, each in its own way; the first: there is no image of subject other-0 /,
        ),
        ...Array.from({ length: 18 }, () => expect.stringContaining("has no row")),
      ],
    });
  });

  test("of a table much longer than the study are looked at as far as tells, and the number of the other rows is said", async () => {
    const junk = [...Array(400_000).keys()].map((i) => `a${i},b,c,0.5`);
    const file = scoreFile([...junk.slice(0, 5), "", ...junk.slice(5), "", ""]);
    const before = process.cpuUsage();
    const { message, problems } = await importScores(scientist, file).catch((error) => error);
    // Microseconds of the processor: 5.3 s when every row was looked at.
    expect(process.cpuUsage(before).user).toBeLessThan(3_000_000);
    // Of 1,018 rows, and of 18 images without a row.
    expect(message).toContain("1036 problems");
    expect(problems[0]).toMatch(/^rows 2, 3, 4, 5, 6 and 1,013 more, /);
    expect(problems.slice(19)).toEqual([
      "398,982 further rows were not looked at: there are many more rows than images",
    ]);
  });

  test("that bring a truth with them are a look at the one on record, in the trail also when the file is refused", async () => {
    const looks = async () =>
      admin<{ action: string; person_id: string; detail: { file?: string } }[]>`
        select action, person_id, detail from audit_event
         where study_id = ${scientist.studyId} and action in ('figures.viewed', 'study.unblinded', 'scores.imported') order by id`;
    const before = (await looks()).length;
    const since = async () => (await looks()).slice(before);
    const file = (truthOf: (line: string, i: number) => string, score: number) =>
      scoreFile([], {
        csv: [`${scoreHeader},truth`, ...scoreRows(crops, score).map((line, i) => `${line},${truthOf(line, i)}`)].join(
          "\n",
        ),
      });
    // Control: what brings no truth is told none.
    const without = file(() => "", 2);
    await expect(importScores(scientist, without)).rejects.toMatchObject({ code: "invalid" });
    expect(await since()).toEqual([]);

    const guessed = file((_, i) => (i === 0 ? String(1 - Number(crops[0]?.truth)) : ""), 0.31);
    await expect(importScores(scientist, guessed)).rejects.toMatchObject({
      problems: [expect.stringMatching(/^row 2: .* is on record/)],
    });
    const look = (csv: string) => ({
      action: "figures.viewed",
      person_id: scientist.personId,
      detail: { file: sha256(new TextEncoder().encode(csv)) },
    });
    expect((await since()).filter(({ action }) => action !== "study.unblinded")).toEqual([look(guessed.csv)]);
    // What is refused for something else and not for its truth is told that it guessed right.
    const right = file((_, i) => (i === 0 ? String(crops[0]?.truth) : ""), 2);
    await expect(importScores(scientist, right)).rejects.toMatchObject({ code: "invalid" });
    expect((await since()).at(-1)).toEqual(look(right.csv));
  });

  test("wait for the lock", async () => {
    const open = await makeStudy({ door, ownerUrl: database.owner });
    const { data_scientist: early } = open.members;
    await expect(importScores(early, scoreFile(scoreRows(crops)))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("locked"),
    });
  });
});
