import { randomUUID } from "node:crypto";
import { NextRequest } from "next/server";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { z } from "zod";
import { GET, POST } from "@/app/api/trpc/[trpc]/route";
import { foundingTable } from "@/core/stats/paper/founding-table";
import type { StudyRole } from "@/db/actor";
import { appRouter } from "@/server/api/root";
import { logFailure } from "@/server/log";
import { lockStudy } from "@/server/services/lock/lock-study";
import { readOf } from "@/tests/support/study";
import { signInAs } from "./asking";
import { leaksOf, plantedStudy } from "./planted-study";

/*
 * Every procedure of the router, called over the wire by a reader of Cohort 1 who has a case in hand and every id that could be guessed: nothing that is hidden stands in
 * an answer, its headers, an error or the log. Control: whoever may see it is told each of these by the same calls.
 */

vi.mock("@/server/auth", async () => (await import("./asking")).auth);
vi.mock("next/headers", async () => (await import("./asking")).nextHeaders);

const planted = await plantedStudy();
const { study, secrets, ids } = planted;
const { nodeId, examId, runId, instanceId, inboxId, cropId, number } = ids;
const { reader, reader2 } = study.members;

type Input = Record<string, unknown>;
const at = { instanceId, frame: 1 };
const ends = [
  [0, 0, 0],
  [9, 0, 0],
  [4, -2, 0],
  [4, 2, 0],
];
const password = "a long sentence of mine";
const unknown = randomUUID();
const read = (slotId: string): Input => ({ ...readOf(slotId), reader: `${reader.personId}@example.org` });
const practice = { condition: "cohort-2" };
const training = {
  ...{ trainable: "head", folds: 3, seed: 1, epochs: 10, splitUnit: "patient", learningRate: 0.01, batchSize: 8 },
  ...{ flipHorizontal: false, flipVertical: false, weights: "nsfwjs-4.4.0", engine: "fastest", sizeBlind: false },
};

/** An input of every procedure there is, as its page sends it. A new one is added here, and to `readersAsk` if readers are answered. */
const inputs: Record<string, Input> = {
  "accounts.list": {},
  "accounts.add": { email: "new@example.org", name: "Somebody new", mayCreateStudies: false },
  "accounts.close": { personId: reader2.personId, closed: true },
  "accounts.makePasswordLink": { email: `${reader2.personId}@example.org` },
  "accounts.trail": { before: null },
  "admin.members": {},
  "admin.addMember": { email: "new@example.org", name: "Somebody new", role: "monitor", readerCode: null },
  "admin.confirmMember": { membershipId: reader2.membershipId },
  "admin.endMember": { membershipId: reader2.membershipId },
  "admin.protocols": {},
  "admin.addProtocol": { source: "format: 2", reason: "A new version" },
  "admin.sites": {},
  "admin.setTimeZone": { siteId: study.siteId, timeZone: "Europe/Berlin" },
  "analysis.comparison": {},
  "analysis.compute": {},
  "analysis.cases": { nodeId },
  "analysis.live": { analysisId: unknown },
  "audit.list": { before: null },
  "bundle.request": {},
  "bundle.live": { bundleId: unknown },
  "enrolment.list": {},
  "enrolment.form": {},
  "enrolment.subject": { number },
  "enrolment.identity": { number },
  "enrolment.flow": {},
  "enrolment.screen": { identity: null, answers: {}, overrides: {}, reason: null, exam: null },
  "enrolment.reassess": { number, answers: {}, overrides: {} },
  "enrolment.recordValues": { number, values: {}, reason: null },
  "enrolment.enrol": {
    ...{ number, consentSignedOn: "2026-01-05", consentVersion: "1", values: {}, examOn: "2026-01-06", scanner: "3 T" },
    reason: null,
  },
  "enrolment.withdraw": { number, withdrawnOn: "2026-01-07", scope: "keep" },
  "imaging.list": {},
  "imaging.addNode": { number, region: null, shortAxisMm: 5 },
  "imaging.remeasure": { nodeId, shortAxisMm: 5 },
  "imaging.exclude": { nodeId, reason: "Not a node" },
  "inbox.list": {},
  "inbox.count": {},
  "inbox.match": { inboxId, examId },
  "inbox.turnAway": { inboxId, reason: "Nobody of ours" },
  "lock.state": {},
  "lock.plan": {},
  "lock.contradictions": {},
  "lock.lookAlikes": {},
  "lock.sizes": {},
  "lock.signatures": {},
  "lock.lock": { reason: "To see what opens" },
  "model.list": {},
  "model.regimen": {},
  "model.train": training,
  "model.startSweep": { ...training, depths: [0, 5] },
  "model.companion": { runId, kind: "short-axis" },
  "model.cancel": { runId },
  "model.resume": { runId },
  "model.result": { runId },
  "model.sweep": { sweepId: unknown },
  "model.compare": { runIds: [runId] },
  "model.contradictions": { runId },
  "model.compute": { runIds: [runId] },
  "model.card": { runId },
  "model.scoredCrops": { runId },
  "model.requestTask": { kind: "score", runId },
  "model.tasks": { runId },
  "model.progress": { runId },
  "model.live": { runId },
  "paper.audit": { text: foundingTable, declared: { positives: null, negatives: null, images: null } },
  "paper.example": {},
  "passport.view": { nodeId: ids.readNodeId },
  "pathology.worklist": {},
  "pathology.contradictions": {},
  "pathology.report": { nodeId, specimen: "S1", confidence: "certain", result: "negative", reason: "Why" },
  "person.door": {},
  "person.me": {},
  "person.demonstrationBesideStudy": {},
  "person.account": {},
  "person.keys": { name: "viewer_keys" },
  "person.chooseKeys": { name: "viewer_keys", keys: { next: ["j"] } },
  "person.changePassword": { password, newPassword: `${password} again` },
  "person.revokeSession": { sessionId: unknown },
  "person.followPasswordLink": { secret: "x", password },
  "practice.mine": {},
  "practice.begin": practice,
  "practice.open": { ...practice, withLast: true },
  "practice.submit": { ...read(ids.practiceInHand), ...practice, overrideReason: "So it looks" },
  "practice.progress": {},
  "reading.mine": {},
  "reading.open": {},
  "reading.submit": { ...read(ids.inHand), ahead: "0".repeat(24) },
  "reading.openPrevious": {},
  "reading.correct": { ...read(ids.inHand), reason: "A slip" },
  "reading.sign": { listId: ids.foreignList, sha256: "0".repeat(64), password },
  "reading.progress": {},
  "reading.draw": {},
  "reading.overrideWashOut": {
    listId: ids.foreignList,
    opensAt: new Date().toISOString(),
    reason: "A holiday",
    password,
  },
  "reading.close": { readerCode: "R3", reason: "Has left" },
  "reading.remind": { readerCode: "R3" },
  "reading.displayCheckDue": {},
  "reading.checkDisplay": { dark: 2, bright: 2, width: 1920, height: 1080, pixelRatio: 100 },
  "reading.displayChecks": {},
  "report.newest": { analysisId: unknown },
  "report.make": {},
  "report.live": { reportId: unknown },
  "series.list": { number },
  "series.beginUpload": { examId },
  "series.held": {},
  "series.tellingCrops": {},
  "series.decide": { instanceId, decision: "cleared", reason: "No letters" },
  "series.blackOut": { instanceId, boxes: [[0, 0, 1, 1]], reason: "Letters" },
  "series.measure": { nodeId, ...at, ends },
  "series.addMeasured": { number, region: null, ...at, ends },
  "series.cut": {
    ...{ nodeId, plane: "axial", replaces: cropId, ...at },
    ...{ box: { left: 0, top: 0, width: 2, height: 2 }, window: { low: 0, high: 1 } },
  },
  "series.agreement": {},
  "series.addTime": { examId, seconds: 1 },
  "series.times": {},
  "series.judgeQuality": { examId, verdict: "usable", reasons: [] },
  "study.list": {},
  "study.waitingRoles": {},
  "study.shippedProtocols": {},
  "study.create": { name: "A study", site: "Here", shipped: "demonstration", source: null },
  "study.frame": {},
  "study.plan": {},
  "study.progress": {},
  "study.live": {},
  "unblinding.list": {},
  "unblinding.reads": {},
  "unblinding.record": {
    ...{ kind: "planned", subject: number, to: { reader: "R3" }, told: ["pathology"], reason: "To see what comes" },
    at: "2026-01-05T08:00:00Z",
  },
};

/** What a reader is answered; everything else is refused. */
const readersAsk = [
  ...["paper.audit", "paper.example"],
  ...[
    "person.account",
    "person.chooseKeys",
    "person.demonstrationBesideStudy",
    "person.door",
    "person.keys",
    "person.me",
    "person.revokeSession",
  ],
  ...["practice.begin", "practice.mine", "practice.open", "practice.submit"],
  ...[
    "reading.correct",
    "reading.displayCheckDue",
    "reading.mine",
    "reading.open",
    "reading.openPrevious",
    "reading.submit",
  ],
  ...["study.frame", "study.list", "study.shippedProtocols", "study.waitingRoles"],
];

interface Procedure {
  _def: { type: "query" | "mutation" | "subscription"; inputs: z.ZodType[] };
}
const procedures = new Map(Object.entries(appRouter._def.procedures as unknown as Record<string, Procedure>));

/** Calls a procedure over the wire, as the browser does. @returns status, and headers and body as one text; of a stream what comes first */
async function call(path: string, input: Input): Promise<{ status: number; text: string }> {
  const type = procedures.get(path)?._def.type;
  const json = JSON.stringify({ json: { study: study.slug, ...input } });
  const address = `http://localhost/api/trpc/${path}`;
  const headers = { host: "localhost", origin: "http://localhost", "content-type": "application/json" };
  const leave = new AbortController();
  const answer = await (type === "mutation"
    ? POST(new NextRequest(address, { method: "POST", headers, body: json }), {})
    : GET(
        new NextRequest(`${address}?input=${encodeURIComponent(json)}`, {
          headers: type === "subscription" ? { ...headers, accept: "text/event-stream" } : headers,
          signal: leave.signal,
        }),
        {},
      ));
  const body = type === "subscription" ? await beginningOf(answer) : await answer.text();
  leave.abort();
  return { status: answer.status, text: `${JSON.stringify([...answer.headers])}\n${body}` };
}

/** Of a stream of events the first that say something. */
async function beginningOf(answer: Response): Promise<string> {
  const stream = answer.body?.getReader();
  let text = "";
  for (let part = await stream?.read(); part && !part.done; part = await stream?.read()) {
    text += Buffer.from(part.value).toString();
    if (/"(json|code)"|event: serialized-error/.test(text)) break;
  }
  await stream?.cancel().catch(() => {});
  return text;
}

/** What the server writes into its log. */
const lines: string[] = [];
const note = (...words: unknown[]) => void lines.push(words.map(String).join(" "));
beforeAll(() => {
  for (const level of ["log", "info", "warn", "error", "debug"] as const)
    vi.spyOn(console, level).mockImplementation(note);
});
afterAll(() => vi.restoreAllMocks());

test("every procedure is known here, and gets what its page sends", () => {
  expect([...procedures.keys()].toSorted()).toEqual(Object.keys(inputs).toSorted());
  for (const [path, { _def }] of procedures)
    for (const schema of _def.inputs) {
      const parsed = schema.safeParse({ study: study.slug, ...inputs[path] });
      expect(parsed.success ? [] : parsed.error.issues, path).toEqual([]);
    }
});

test("what a reader sends of others in place of the own is refused, and no refusal tells what is hidden", async () => {
  signInAs(reader);
  const attempts: [path: string, input: Input][] = [
    ...[ids.foreign, ids.ahead, cropId, nodeId, runId, unknown].flatMap((slotId): [string, Input][] => [
      ["reading.submit", read(slotId)],
      ["reading.correct", { ...read(slotId), reason: "A slip" }],
    ]),
    ...[ids.practiceAhead, ids.foreignPractice, ids.inHand, unknown].map((slotId): [string, Input] => [
      "practice.submit",
      { ...read(slotId), ...practice },
    ]),
    ["practice.open", { condition: "cohort-1", withLast: true }],
    ["practice.open", { ...practice, withLast: true, reader: `${reader2.personId}@example.org` }],
    ["reading.submit", { ...read(ids.inHand), criteria: { round_shape: "x" }, confidence: 1e9 }],
    ["reading.open", { reader: `${reader2.personId}@example.org` }],
    ["reading.open", { study: "another-study" }],
    ["reading.mine", { study: 1 }],
    ["person.revokeSession", { sessionId: "x" }],
  ];
  for (const [path, input] of attempts) {
    const { status, text } = await call(path, input);
    expect(status, `${path} ${JSON.stringify(input)}`).toBeGreaterThanOrEqual(400);
    expect(leaksOf(text, secrets), `${path} ${JSON.stringify(input)}: ${text}`).toEqual([]);
  }
  expect(lines).toEqual([]);
});

/** Which of these procedures answer; nothing that is hidden stands in what any of them says. */
async function answersTo(paths: readonly string[]): Promise<string[]> {
  const answered = [];
  for (const path of paths) {
    const { status, text } = await call(path, inputs[path] ?? {});
    expect(leaksOf(text, secrets), `${path}: ${text.slice(0, 2_000)}`).toEqual([]);
    if (status === 200 && !text.includes("serialized-error")) answered.push(path);
  }
  return answered;
}

test("no procedure tells a reader what is hidden: no answer, no error, no header and no line of the log", async () => {
  signInAs(reader);
  expect((await answersTo(Object.keys(inputs))).toSorted()).toEqual(readersAsk.toSorted());
  expect(lines).toEqual([]);
});

/** Who is told what of it, by which call: the same words, to somebody who may see them. */
const tellers: Record<string, [role: StudyRole, path: string, when?: "after the lock"]> = {
  "short axis": ["locating_radiologist", "imaging.list"],
  name: ["pathologist", "enrolment.identity"],
  "hospital number": ["coordinator", "inbox.list"],
  "number of a subject": ["coordinator", "enrolment.list"],
  specimen: ["monitor", "pathology.worklist"],
  "reason of a report": ["pathologist", "pathology.worklist"],
  "report or match": ["pathologist", "passport.view"],
  score: ["data_scientist", "analysis.cases", "after the lock"],
  "run or snapshot": ["data_scientist", "model.list", "after the lock"],
  "another reader": ["coordinator", "reading.progress"],
  "another reader's list or place": ["monitor", "audit.list"],
  "another reader's read": ["principal_investigator", "passport.view", "after the lock"],
  node: ["locating_radiologist", "imaging.list"],
  crop: ["locating_radiologist", "imaging.list"],
  case: ["locating_radiologist", "imaging.list"],
  "file of a crop": ["pathologist", "pathology.worklist"],
  "seed or hash of an order": ["principal_investigator", "reading.progress", "after the lock"],
  "series or image": ["locating_radiologist", "series.list"],
  exam: ["coordinator", "series.list"],
  "what waits in the inbox": ["coordinator", "inbox.list"],
};
/** What no procedure tells anybody: it stands in rows and files alone, where `every-relation.test.ts` finds it. */
const untold = [
  ...["subject", "place ahead", "file of a scan", "canvas of another case", "UID of a series or an image"],
  ...["key of a study or of the server", "practice case"],
];

test("control: whoever may see it is told each of these by the same calls; and a reader is not after the lock either", async () => {
  expect([...Object.keys(tellers), ...untold].toSorted()).toEqual(Object.keys(secrets).toSorted());
  const isTold = async (what: string, [role, path]: [StudyRole, string, string?]) => {
    signInAs(study.members[role]);
    return leaksOf((await call(path, inputs[path] ?? {})).text, secrets).includes(what);
  };
  const later = Object.entries(tellers).filter(([, [, , when]]) => when);
  for (const [what, teller] of Object.entries(tellers))
    expect(await isTold(what, teller), what).toBe(teller[2] === undefined);

  const { principal_investigator: pi } = study.members;
  await planted.database.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Some reads are missing" }));
  for (const [what, teller] of later) expect(await isTold(what, teller), `${what} after the lock`).toBe(true);

  signInAs(reader);
  const looks = [...procedures].flatMap(([path, { _def }]) => (_def.type === "query" ? [path] : []));
  expect(readersAsk).toEqual(expect.arrayContaining(await answersTo(looks)));
});

test("control: what stood in the log would be found there", () => {
  lines.length = 0;
  logFailure("control", new Error("7.37 mm"));
  expect(leaksOf(lines.join("\n"), secrets)).toEqual(["short axis"]);
});
