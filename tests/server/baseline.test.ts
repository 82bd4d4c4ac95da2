import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CriterionAnswer } from "@/core/eligibility/assess";
import { today as dayHere } from "@/core/protocol/values";
import type { Tx } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { AppError } from "@/server/errors";
import type { GivenValues } from "@/server/schemas/enrolment";
import { enrolSubject } from "@/server/services/enrolment/enrol-subject";
import { flowDiagram } from "@/server/services/enrolment/flow-diagram";
import { reassessSubject } from "@/server/services/enrolment/reassess-subject";
import { recordValues } from "@/server/services/enrolment/record-values";
import { screenSubject } from "@/server/services/enrolment/screen-subject";
import { subjectByNumber } from "@/server/services/enrolment/subject-by-number";
import { subjectTable } from "@/server/services/enrolment/subject-table";
import { addNode } from "@/server/services/imaging/add-node";
import { listSites } from "@/server/services/study/list-sites";
import { setTimeZone } from "@/server/services/study/set-time-zone";
import { freshDatabase } from "@/tests/support/database";
import { eligible, type MadeStudy, makeStudy } from "@/tests/support/study";

const { door, owner, admin: adminUrl } = await freshDatabase();
const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());
let study: MadeStudy;
beforeAll(async () => {
  study = await makeStudy({ door, ownerUrl: owner });
});

const as = <T>(role: keyof MadeStudy["members"], work: (tx: Tx, actor: StudyActor) => Promise<T>) =>
  door.withActor(study.members[role], (tx) => work(tx, study.members[role]));
const coordinator = <T>(work: (tx: Tx, actor: StudyActor) => Promise<T>) => as("coordinator", work);

interface Screening {
  answers?: Record<string, CriterionAnswer>;
  overrides?: Record<string, string>;
  values?: GivenValues;
  exam?: { performedOn: string; scanner: string };
}
const mri = { performedOn: "2026-01-06", scanner: "3 T" };
const screen = ({ answers = eligible, ...given }: Screening = {}) =>
  coordinator((tx, actor) => screenSubject(tx, actor, { identity: null, answers, ...given }));
const see = (number: string, role: keyof MadeStudy["members"] = "coordinator") =>
  as(role, (tx, actor) => subjectByNumber(tx, actor, { number }));
const set = (number: string, values: GivenValues, reason: string | null = null) =>
  coordinator((tx, actor) => recordValues(tx, actor, { number, values, reason }));
const required = { sex: "male", age_years: 55, t_stage: "T2" };
const enrol = (number: string, values: GivenValues = required) =>
  coordinator((tx, actor) =>
    enrolSubject(tx, actor, {
      number,
      consentSignedOn: "2026-01-05",
      consentVersion: "1",
      values,
      examOn: mri.performedOn,
      scanner: mri.scanner,
    }),
  );
/** Left to the record. */
const withoutSurgery: Record<string, CriterionAnswer> = { ...eligible, surgery_2_weeks: "unknown" };

describe("a computed criterion", () => {
  test("is answered by what the record holds, with the values kept beside the verdict", async () => {
    const soon = await screen({ answers: withoutSurgery, values: { surgery_date: "2026-01-15" }, exam: mri });
    expect(soon.verdict).toBe("eligible");
    const { assessments, changed } = await see(soon.number);
    expect(assessments[0]?.evaluations.find(({ key }) => key === "surgery_2_weeks")).toEqual({
      key: "surgery_2_weeks",
      answer: "met",
      used: [
        { what: "surgery_date", value: "2026-01-15" },
        { what: "mri_date", value: "2026-01-06" },
        { what: "surgery_date - mri_date", value: 9 },
      ],
      overrideReason: null,
    });
    expect(changed).toEqual([]);
    const late = await screen({ answers: withoutSurgery, values: { surgery_date: "2026-02-15" }, exam: mri });
    expect(late.verdict).toBe("ineligible");
    const open = await screen({ answers: withoutSurgery, exam: mri });
    expect(open.verdict).toBe("undecided");
    const { failureReasons } = await coordinator((tx, actor) => flowDiagram(tx, actor, { locked: false }));
    expect(failureReasons).toMatchObject([{ key: "surgery_2_weeks", count: 1 }]);
  });

  test("is answered against the record only with a reason, which is kept; without one no subject is made", async () => {
    const late = { values: { surgery_date: "2026-02-15" }, exam: mri };
    const before = await coordinator((tx, actor) => subjectTable(tx, actor));
    await expect(screen(late)).rejects.toThrow(
      /"Surgery planned within 2 weeks after MRI" is not met by the record and answered met. Nothing was saved; give the reason/,
    );
    expect((await coordinator((tx, actor) => subjectTable(tx, actor))).subjects).toHaveLength(before.subjects.length);
    const { number, verdict } = await screen({ ...late, overrides: { surgery_2_weeks: "Brought forward by phone" } });
    expect(verdict).toBe("eligible");
    const [assessment] = (await see(number)).assessments;
    expect(assessment?.evaluations.find(({ key }) => key === "surgery_2_weeks")).toMatchObject({
      answer: "not_met",
      overrideReason: "Brought forward by phone",
    });
  });

  test("that comes to say otherwise shows on the subject, and a new assessment follows the record", async () => {
    const { number } = await screen({ exam: mri });
    expect((await see(number)).changed).toEqual([]);
    await set(number, { surgery_date: "2026-03-06" });
    expect((await see(number)).changed).toMatchObject([{ key: "surgery_2_weeks", counted: "met", now: "not_met" }]);
    expect(await coordinator((tx, actor) => reassessSubject(tx, actor, { number, answers: withoutSurgery }))).toEqual({
      verdict: "ineligible",
    });
    expect(await see(number)).toMatchObject({ status: "screen_failure", changed: [], assessments: [{}, {}] });
  });

  test("takes the largest size of the nodes, measured later; who may not see sizes sees no value of it", async () => {
    const { number } = await screen();
    await enrol(number);
    await as("locating_radiologist", (tx, actor) =>
      addNode(tx, actor, { number, region: "mesorectal", shortAxisMm: 2.5 }),
    );
    expect(await see(number)).toMatchObject({
      criteriaValues: { short_axis_mm: 2.5, mri_date: "2026-01-06" },
      changed: [{ key: "short_axis_3_mm", used: [{ what: "short_axis_mm", value: 2.5 }] }],
    });
    const seen = await see(number, "principal_investigator");
    expect(seen).toMatchObject({ criteriaValues: { short_axis_mm: null, mri_date: null }, changed: [], exam: null });
    expect(seen.assessments[0]?.evaluations).toEqual([]);
    // As a value: a time of day holds these digits, too.
    const size = /[":[,]2\.5[\],}"]/;
    expect(JSON.stringify(seen)).not.toMatch(size);
    expect(JSON.stringify(await see(number))).toMatch(size);
    await as("locating_radiologist", (tx, actor) =>
      addNode(tx, actor, { number, region: "mesorectal", shortAxisMm: 6 }),
    );
    expect((await see(number)).changed).toEqual([]);
  });
});

describe("values of a subject", () => {
  test("are recorded at later visits, and a correction needs a reason; every row stays and the newest counts", async () => {
    const { number } = await screen();
    await enrol(number);
    await set(number, { surgery_date: "2026-01-12" });
    await expect(set(number, { surgery_date: "2026-01-13" })).rejects.toMatchObject({
      problems: ["Date of surgery: 2026-01-12 is recorded; give the reason for the correction"],
    });
    await set(number, { surgery_date: "2026-01-13", age_years: "55" }, "Read off the wrong line");
    const { values, recorded } = await see(number);
    expect(values).toMatchObject({ surgery_date: "2026-01-13", age_years: 55 });
    expect(recorded.filter(({ key }) => key === "surgery_date")).toMatchObject([
      { value: "2026-01-13", reason: "Read off the wrong line", by: "coordinator" },
      { value: "2026-01-12", reason: null },
    ]);
    expect(recorded.filter(({ key }) => key === "age_years")).toHaveLength(1);
  });

  test("are named in the trail without the reason of a correction, which says what was recorded", async () => {
    const { number } = await screen();
    await set(number, { surgery_date: "2026-01-12" });
    await set(number, { surgery_date: "2026-01-13" }, "Read off the wrong line");
    for (const role of ["monitor", "administrator"] as const) {
      const events = await as(role, (tx) =>
        tx.execute(
          sql`select reason, detail from audit_event where action = 'baseline.recorded' and entity_id = ${number} order by id`,
        ),
      );
      expect([...events], role).toEqual([
        { reason: null, detail: { items: ["surgery_date"] } },
        { reason: null, detail: { items: ["surgery_date"] } },
      ]);
    }
    expect((await see(number)).recorded[0]).toMatchObject({ reason: "Read off the wrong line" });
  });

  test("are withdrawn with a reason, but not where an enrolled subject must have them", async () => {
    const { number } = await screen({ values: { surgery_date: "2026-01-12" } });
    await enrol(number);
    await set(number, { surgery_date: null }, "Of another patient");
    expect((await see(number)).values).toEqual(required);
    await expect(set(number, { sex: null }, "Of another patient")).rejects.toMatchObject({
      problems: ["Sex: is required of an enrolled subject; correct it instead"],
    });
  });

  test("that two tabs record at once stay both, in the order in which they were written", async () => {
    const { number } = await screen();
    const days = Array.from({ length: 8 }, (_, i) => `2026-01-${10 + i}`);
    await Promise.all(days.map((day) => set(number, { surgery_date: day }, "Tab")));
    const { values, recorded } = await see(number);
    expect(recorded.map(({ value }) => value).toSorted()).toEqual(days);
    expect(values.surgery_date).toBe(recorded[0]?.value);
    expect(recorded.map(({ reason }) => reason)).toEqual([...Array.from({ length: 7 }, () => "Tab"), null]);
  });

  test("that the protocol refuses are named all, and none is kept", async () => {
    const { number } = await screen();
    await expect(set(number, { sex: "male", age_years: "130", hair: "red" })).rejects.toMatchObject({
      problems: [
        "Age at MRI: 130 lies above 120 years; correct it, or give the reason",
        "hair: the protocol has no such item; reload the page",
      ],
    });
    expect((await see(number)).recorded).toEqual([]);
  });

  test("of very many that the protocol refuses the first twenty are named", async () => {
    const { number } = await screen();
    const wrong = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`hair${i}`, "red"]));
    const refused = await set(number, wrong).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppError);
    const { problems } = refused as AppError;
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe("and 40 more");
  });

  test("stay under the subject of its site, and a pathologist records none", async () => {
    const { number } = await screen();
    await expect(
      as("pathologist", (tx, actor) => recordValues(tx, actor, { number, values: { sex: "male" }, reason: null })),
    ).rejects.toThrow();
    await set(number, { sex: "male" });
    expect((await see(number)).values).toEqual({ sex: "male" });
  });
});

/** Bounds and order of dates (`problemsOfOrder`, `problemOfRecordDay`) as the services keep them, said in both languages. */
describe("impossible dates and ages", () => {
  const refusal = async (work: Promise<unknown>): Promise<string[][]> => {
    const error = await work.then(
      () => null,
      (reason: unknown) => reason,
    );
    if (!(error instanceof AppError)) throw new Error("It was not refused.", { cause: error });
    return [error.in("en").problems, error.in("zh").problems];
  };
  const enrolOn = (
    number: string,
    days: { consentSignedOn?: string; examOn?: string },
    values: GivenValues = required,
    reason: string | null = null,
  ) =>
    coordinator((tx, actor) =>
      enrolSubject(tx, actor, {
        ...{ number, consentVersion: "1", values, scanner: mri.scanner, reason },
        ...{ consentSignedOn: "2026-01-05", examOn: mri.performedOn, ...days },
      }),
    );
  const future = `${new Date().getFullYear() + 2}-01-01`;
  const today = dayHere();

  test.each([
    [
      "a consent in the future",
      { consentSignedOn: future },
      `Date of consent: ${future} is after ${today}; correct it`,
    ],
    ["an MRI of 1899", { examOn: "1899-12-31" }, "Date of MRI: 1899-12-31 is before 1900-01-01; correct it"],
    ["an MRI of 9999", { examOn: "9999-12-31" }, `Date of MRI: 9999-12-31 is after ${today}; correct it`],
    ["a consent of the year 1", { consentSignedOn: "0001-01-01" }, "Date of consent: 0001-01-01 is before 1900-01-01"],
  ])("%s is refused, and nobody is enrolled", async (_, days, sentence) => {
    const { number } = await screen();
    const [english, chinese] = await refusal(enrolOn(number, days));
    expect(english).toEqual([expect.stringContaining(sentence)]);
    expect(chinese).toEqual([expect.stringMatching(/^(知情同意日期|MRI 检查日期)：.*(早于|晚于) .*；请更正$/)]);
    expect(await see(number)).toMatchObject({ status: "eligible", consent: null, exam: null, recorded: [] });
    await enrolOn(number, {});
    expect((await see(number)).status).toBe("enrolled");
  });

  test("an age of 0 is outside the protocol's range", async () => {
    const { number } = await screen();
    expect(await refusal(enrolOn(number, {}, { ...required, age_years: 0 }))).toEqual([
      ["Age at MRI: 0 lies below 18 years; correct it, or give the reason"],
      [expect.stringContaining("0 低于 18 ")],
    ]);
  });

  // aces/Loris#4451 and the like: what is unusual passes with its reason, and the reason stays with it.
  test("an MRI before the consent, and an age outside the protocol's range, pass with a reason that stands in the record", async () => {
    const { number } = await screen();
    const late = { consentSignedOn: "2026-01-07" };
    const young = { ...required, age_years: 17 };
    const sentence = "Date of MRI: 2026-01-06 is before Date of consent (2026-01-07); correct the one that is wrong";
    const [english, chinese] = await refusal(enrolOn(number, late));
    expect(english).toEqual([`${sentence}, or give the reason`]);
    expect(chinese).toEqual([expect.stringMatching(/^MRI 检查日期：2026-01-06 早于.*，或说明原因$/)]);
    await refusal(enrolOn(number, {}, young));
    expect((await see(number)).status).toBe("eligible");
    await enrolOn(number, late, young, "Scanned in routine care, aged 17");
    const subject = await see(number);
    expect(subject).toMatchObject({
      status: "enrolled",
      values: { age_years: 17 },
      consent: { signedOn: "2026-01-07", reason: "Scanned in routine care, aged 17" },
    });
    const reasons = Object.fromEntries(subject.recorded.map(({ key, reason }) => [key, reason]));
    expect(reasons).toEqual({ sex: null, t_stage: null, age_years: "Scanned in routine care, aged 17" });
  });

  test("a reason excuses neither a date that cannot be nor half a year of age, and is not kept where nothing needs it", async () => {
    const { number } = await screen();
    await refusal(enrolOn(number, { examOn: future }, required, "It says so"));
    await refusal(enrolOn(number, {}, { ...required, age_years: 17.5 }, "It says so"));
    await enrolOn(number, {}, required, "It says so");
    const { consent, recorded } = await see(number);
    expect(consent?.reason).toBeNull();
    expect(recorded.map(({ reason }) => reason)).toEqual([null, null, null]);
  });

  test("today is the day at the site, where it has a time zone", async () => {
    // Between these two it is never the same day.
    const [first, last] = [dayHere("Pacific/Kiritimati"), dayHere("Etc/GMT+12")];
    expect(first > last).toBe(true);
    const { administrator, principal_investigator: pi, coordinator: none } = study.members;
    const [site] = await door.withActor(pi, (tx) => listSites(tx, pi));
    const zone = (actor: StudyActor, timeZone: string, siteId = site?.id ?? "") =>
      door.withActor(actor, (tx) => setTimeZone(tx, actor, { siteId, timeZone }));
    const at = async (timeZone: string) => {
      const { number } = await screen();
      await zone(administrator, timeZone);
      return enrolOn(number, { consentSignedOn: first }, required, "Scanned in routine care");
    };
    expect((await refusal(at("Etc/GMT+12")))[0]).toEqual([`Date of consent: ${first} is after ${last}; correct it`]);
    await at("Pacific/Kiritimati");
    // Who says so is in the trail; others are refused, and a site of nowhere is not found.
    await zone(pi, "Asia/Shanghai");
    await zone(pi, "Asia/Shanghai");
    await expect(zone(none, "Asia/Tokyo")).rejects.toMatchObject({ code: "42501" });
    await expect(zone(pi, "Asia/Tokyo", randomUUID())).rejects.toMatchObject({ code: "not_found" });
    const trail = await admin`
      select person_id, entity_id, detail from audit_event where study_id = ${study.studyId} and action = 'site.time_zone_set' order by id`;
    const noted = (person_id: string, from: string | null, to: string) => ({
      person_id,
      entity_id: "Here",
      detail: { from, to },
    });
    expect([...trail]).toEqual([
      noted(administrator.personId, null, "Etc/GMT+12"),
      noted(administrator.personId, "Etc/GMT+12", "Pacific/Kiritimati"),
      noted(pi.personId, "Pacific/Kiritimati", "Asia/Shanghai"),
    ]);
    await admin`update site set time_zone = null where study_id = ${study.studyId}`;
  });

  test("an MRI in the future is refused when a patient is screened, and no subject is made", async () => {
    const { subjects } = await coordinator((tx, actor) => subjectTable(tx, actor));
    const [english] = await refusal(screen({ exam: { ...mri, performedOn: future } }));
    expect(english).toEqual([`Date of MRI: ${future} is after ${today}; correct it`]);
    expect((await coordinator((tx, actor) => subjectTable(tx, actor))).subjects).toHaveLength(subjects.length);
  });

  test("an operation before the MRI is refused whichever of the two comes last", async () => {
    const sentence = "2026-01-05 is before Date of MRI (2026-01-06); correct the one that is wrong";
    const { number } = await screen({ exam: mri });
    const [english, chinese] = await refusal(set(number, { surgery_date: "2026-01-05" }));
    expect(english).toEqual([`Date of surgery: ${sentence}`]);
    expect(chinese).toEqual([expect.stringContaining("2026-01-05 早于“MRI 检查日期”（2026-01-06）；请更正有误的日期")]);
    expect((await see(number)).values).toEqual({});
    const planned = await screen({ values: { surgery_date: "2026-01-05" } });
    expect((await refusal(enrolOn(planned.number, {})))[0]).toEqual([`Date of surgery: ${sentence}`]);
    await set(number, { surgery_date: "2026-01-06" });
  });
});
