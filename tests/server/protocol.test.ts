import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { eq } from "drizzle-orm";
import postgres from "postgres";
import { beforeAll, describe, expect, it } from "vitest";
import { type ErrorCode, parse, parseDocument } from "yaml";
import { words } from "@/core/words";
import { protocolVersion, study } from "@/db/schema";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { enrolmentForm } from "@/server/services/enrolment/enrolment-form";
import { myLists } from "@/server/services/reading/my-lists";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { canonicalJson } from "@/server/services/study/canonical-json";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { sha256 } from "@/server/sha256";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, draw, type MadeStudy, makeStudy } from "@/tests/support/study";

const source = readFileSync("protocols/li-2021.yaml", "utf8");

function refusalOf(text: string): AppError {
  try {
    parseProtocol(text);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("The protocol was not refused.");
}

describe("a protocol that comes in as YAML", () => {
  it("has the same hash however it is spaced and commented, and another when it says something else", () => {
    const { sha256 } = parseProtocol(source);
    expect(parseProtocol(`# A remark\n${source.replaceAll(", zh:", ",   zh:")}\n`).sha256).toBe(sha256);
    expect(parseProtocol(source.replace("washOutDays: 28", "washOutDays: 29")).sha256).not.toBe(sha256);
  });

  it("is refused with every problem by its place in the file", () => {
    const { code, problems } = refusalOf(
      source.replace("washOutDays: 28", "washOutDays: four").replace("R2, R3", "R2, ' R3'"),
    );
    expect(code).toBe("invalid");
    expect(problems).toEqual([
      'conditions.1.washOutDays: "four" is not a number; write a number',
      'readers.1: " R3" is no reader code; write 1 to 20 characters without blanks at the ends, e.g. R2',
    ]);
  });

  it("is refused with the line of what is no YAML, or stands twice", () => {
    expect(refusalOf("key: [1\nb: 2").problems).toEqual([
      "line 2, column 1: the indentation does not fit what stands before, or a bracket is not closed; begin entries of one list in one column, close ] and }",
    ]);
    const lines = source.split("\n").length;
    expect(refusalOf(`${source}key: again`).problems).toEqual([
      `line ${lines}, column 1: "key" stands twice in one entry; remove one`,
    ]);
  });

  it("is refused before it is read when it is endless: 20,000 keys on lines of their own, or of one letter each", () => {
    const keys = Array.from({ length: 20_000 }, (_, i) => `k${i}: 1`).join("\n");
    expect(refusalOf(keys).message).toMatch(/^The protocol has \d{6} characters\. .* write it in at most 50000\./);
    const letters = Array.from({ length: 20_000 }, (_, i) => String.fromCodePoint(0x4e00 + i)).join(",");
    const refusal = refusalOf(`{${letters}}`);
    expect(refusal.in("en").message).toBe(
      "The protocol has more than 10000 words and signs. Nothing was saved; shorten it.",
    );
    expect(refusal.in("zh").message).toBe("研究方案的词与符号超过 10000 个。未保存任何内容；请缩短。");
  });

  it("is refused before it is read when it has keys that begin with a question mark, which take the library minutes", () => {
    expect(refusalOf(`key:\n  ${"? ".repeat(5_000)}a`).problems).toEqual([
      "line 2, column 3: ? begins a name that a protocol does not need; write name: value",
    ]);
    expect(() => parseProtocol(source.replace("doi 10", '"why? doi" # ? yes\n#'))).not.toThrow();
  });

  it("is refused with the first twenty of many problems", () => {
    const codes = Array.from({ length: 1_000 }, (_, i) => `' x${i}'`).join(",");
    const { problems } = refusalOf(source.replace("R2, R3", codes));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe("and 980 more");
  });

  it.each([
    ["an alias of what is not there", "a: *x"],
    ["an alias of itself", "a: &a [*a]"],
    ["aliases of aliases", "a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]"],
  ])("is refused with %s", (_, text) => {
    const { problems } = refusalOf(text);
    expect(problems[0]).toMatch(
      /^line \d, column \d+: \*\w stands for a value of another place, .*; write the value out$/,
    );
  });

  it("is refused with a criterion of thousands of brackets, in both languages", () => {
    const computed = `${"(".repeat(4_000)}short_axis_mm >= 3${")".repeat(4_000)}`;
    const changed = (text: string) => source.replace("computed: short_axis_mm >= 3", `computed: "${text}"`);
    const refusal = refusalOf(changed(computed));
    expect([refusal.problems, refusal.in("zh").problems].map((problems) => problems.join())).toEqual([
      expect.stringMatching(/more than 30 brackets/),
      expect.stringMatching(/嵌套超过 30 层/),
    ]);
    expect(() => parseProtocol(changed("((short_axis_mm >= 3))"))).not.toThrow();
  });

  it("is refused with a list or an entry for a key", () => {
    expect(refusalOf("a: {{b: 1}: 2}").problems).toEqual([
      "line 1, column 5: a list or an entry stands where a name belongs; write a text before the colon",
    ]);
  });
});

/** YAML that the parser refuses with each of its codes. */
const notYaml: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: "&a *b",
  BAD_ALIAS: "a: & b",
  BAD_DIRECTIVE: "%YAML\n---\na: 1",
  BAD_DQ_ESCAPE: 'a: "\\q"',
  BAD_INDENT: "- - a\n - b",
  BAD_SCALAR_START: "a: @x",
  BLOCK_AS_IMPLICIT_KEY: "a: b: c",
  BLOCK_IN_FLOW: "[\n- a\n]",
  KEY_OVER_1024_CHARS: `[${"x".repeat(1100)}: 1]`,
  MISSING_CHAR: "a: 'x",
  MULTILINE_IMPLICIT_KEY: "'a\n b': 1",
  MULTIPLE_ANCHORS: "a: &a &b 1",
  MULTIPLE_DOCS: "a: 1\n---\nb: 2",
  MULTIPLE_TAGS: "a: !a !b 1",
  RESOURCE_EXHAUSTION: "- ".repeat(4_000),
  TAB_AS_INDENT: "a:\n\t- b",
  TAG_RESOLVE_FAILED: "a: !<bad",
  UNEXPECTED_TOKEN: "- a\nb",
};

describe("what is no YAML is said with line and column", () => {
  const sentences = Object.keys(words.en.protocol.yaml).filter((code) => /^[A-Z]/.test(code));

  it("for every code that has a sentence", () => {
    expect(Object.keys(notYaml).sort()).toEqual(sentences.filter((code) => code !== "DUPLICATE_KEY").sort());
  });

  it.each(Object.entries(notYaml))("%s", (code, text) => {
    expect(parseDocument(text, { uniqueKeys: false }).errors.map((error) => error.code)).toContain(code);
    const refusal = refusalOf(text);
    const english = words.en.protocol.yaml[code as keyof typeof words.en.protocol.yaml].replaceAll("'", "");
    expect(refusal.in("en").problems.join("\n")).toContain(english);
    expect(refusal.in("en").problems[0]).toMatch(/^line \d+, column \d+: .*; /);
    for (const problem of refusal.in("zh").problems)
      expect(problem).toMatch(/^第 \d+ 行，第 \d+ 列：.*\p{Script=Han}.*；/u);
  });
});

describe("a study", () => {
  let made: MadeStudy;
  let principal: StudyActor;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  const as = <T>(
    actor: StudyActor,
    service: (tx: Parameters<typeof studyProtocol>[0], actor: StudyActor) => Promise<T>,
  ) => database.door.withActor(actor, (tx) => service(tx, actor));
  beforeAll(async () => {
    database = await freshDatabase();
    made = await makeStudy({ door: database.door, ownerUrl: database.owner });
    principal = made.members.principal_investigator;
  });

  it("has its protocol in the language of whoever reads it, and English for who says none", async () => {
    const { coordinator } = made.members;
    const inChinese = await as({ ...coordinator, locale: "zh" }, enrolmentForm);
    expect(inChinese.criteria[0]).toMatchObject({ key: "biopsy", text: "经内镜活检证实的直肠癌" });
    const inEnglish = await as(coordinator, enrolmentForm);
    expect(inEnglish.criteria[0]).toMatchObject({ key: "biopsy", text: "Rectal cancer proven by endoscopic biopsy" });
  });

  it("that runs under a stored protocol of format 1 goes on, and the document and its hash stand", async () => {
    const source = readFileSync(new URL("../core/protocol/format-1/demonstration.yaml", import.meta.url), "utf8");
    const document: object = { ...parse(source), version: "0.9" };
    const stored = { id: randomUUID() };
    // As it stands in an installation of that time: nobody writes one today.
    const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
    await admin`
      insert into protocol_version (id, study_id, version, sha256, document, source, created_by)
      select ${stored.id}, id, '0.9', ${sha256(canonicalJson(document))}, ${JSON.stringify(document)}::text::jsonb, ${source}, created_by from study where id = ${made.studyId}`;
    await admin.end();
    await as(principal, (tx) =>
      tx.update(study).set({ protocolVersionId: stored.id }).where(eq(study.id, made.studyId)),
    );
    const form = await as(made.members.coordinator, enrolmentForm);
    const stage = form.baseline.items.find(({ key }) => key === "t_stage");
    expect(stage?.type === "choice" && stage.options.map(({ key }) => key)).toEqual(["T1", "T2", "T3", "T4a", "T4b"]);
    await addPatient(database.door, made, { name: "Ada", shortAxisMm: 5, positive: true, seed: 1 });
    await draw(database.door, made);
    const lists = await as(made.members.reader, myLists);
    expect(lists.map(({ condition }) => condition.shows)).toEqual([[], ["size"]]);
    const [row] = await as(principal, (tx) =>
      tx.select().from(protocolVersion).where(eq(protocolVersion.id, stored.id)),
    );
    expect(row?.document).toEqual(document);
    expect(row?.sha256).toBe(sha256(canonicalJson(document)));
  });

  it("takes a changed protocol of format 1 as a new version, in today's shape", async () => {
    const source = readFileSync(new URL("../core/protocol/format-1/demonstration.yaml", import.meta.url), "utf8");
    await as(principal, (tx, actor) =>
      addProtocolVersion(tx, actor, {
        source: source.replace('version: "1.0"', 'version: "1.3"').replace("[R2, R3]", "[R2, R3, R4]"),
        reason: "A third reader",
      }),
    );
    const { version, document } = await as(principal, studyProtocol);
    expect(version).toBe("1.3");
    expect(document).toMatchObject({
      format: 2,
      readers: ["R2", "R3", "R4"],
      conditions: [{ shows: [] }, { shows: ["size"] }],
    });
  });
});
