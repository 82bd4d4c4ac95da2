import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Actor } from "@/db/actor";
import type { StudyActor } from "@/server/door";
import { listNodes } from "@/server/services/imaging/list-nodes";
import { importCrops } from "@/server/services/import/import-crops";
import { drawSchedules } from "@/server/services/reading/draw-schedules";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { freshDatabase } from "@/tests/support/database";
import { addPatient, makeStudy } from "@/tests/support/study";

const { door, owner: ownerUrl } = await freshDatabase();
const declared = (importer: StudyActor) =>
  importCrops(importer, {
    manifest: Buffer.from("subject,node,plane,truth\nP1,N1,axial,1\nP1,N1,sagittal,1"),
    folder: "/",
    pictures: false,
  });

test("an image without a picture is in no schedule, whoever draws it, beside those that have one", async () => {
  const study = await makeStudy({ door, ownerUrl });
  const { coordinator, reader, locating_radiologist: radiologist } = study.members;
  const importer: Actor & StudyActor = { ...coordinator, role: "importer" };
  expect(await declared(importer)).toMatchObject({ added: { crops: 2 } });
  await expect(door.withActor(coordinator, (tx) => drawSchedules(tx, coordinator))).rejects.toMatchObject({
    message: expect.stringMatching(/Nothing was drawn/),
  });
  await addPatient(door, study, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
  const { cases } = await door.withActor(coordinator, (tx) => drawSchedules(tx, coordinator));
  expect(cases).toBe(3);

  const place = (picture: "is null" | "is not null") =>
    door
      .withActor(importer, (tx) =>
        tx.execute(sql`
          with made as (
            select m.id from nw.make_cases((select jsonb_agg(jsonb_build_array(c.id)) from (select id from crop where sha256 ${sql.raw(picture)} limit 1) c)) m),
          list as (insert into reading_list (study_id, membership_id, protocol_version_id, condition_key, condition_ordinal, batch, shows, wash_out_days, seed, order_sha256)
            select id, ${reader.membershipId}, protocol_version_id, 'cohort-1', 0, 9, '{}', 0, 1, 'x' from study returning id)
          insert into reading_slot (study_id, list_id, position, case_id) select ${study.studyId}, list.id, 1, made.id from list, made`),
      )
      .then(
        () => "done",
        (error: { constraint?: string }) => error.constraint,
      );
  expect(await place("is null")).toBe("image_has_no_picture");
  expect(await place("is not null"), "a picture comes further").toBe("image_is_scheduled");

  const { nodes } = await door.withActor(radiologist, (tx) => listNodes(tx, radiologist, { number: "P1" }));
  expect(nodes.flatMap(({ crops }) => crops)).toMatchObject([
    { sha256: null, width: null, sameAs: [] },
    { sha256: null, height: null, sameAs: [] },
  ]);
});

test("no schedule is drawn for conditions of several modalities: one image stands for a case in all of them", async () => {
  const { source } = await shippedProtocol("demonstration");
  const withModality = (second: string) =>
    source
      .replace("key: cohort-1,", "key: cohort-1, modality: FFDM,")
      .replace("key: cohort-2,", `key: cohort-2, modality: ${second},`);
  const drawn = async (second: string) => {
    const study = await makeStudy({ door, ownerUrl, source: withModality(second) });
    await addPatient(door, study, { name: "Patient", shortAxisMm: 6, positive: true, seed: 1 });
    const { coordinator } = study.members;
    return door.withActor(coordinator, (tx) => drawSchedules(tx, coordinator));
  };
  await expect(drawn("SFM")).rejects.toMatchObject({
    code: "conflict",
    message: expect.stringMatching(/import the reads/),
  });
  expect(await drawn("FFDM")).toMatchObject({ cases: 3 });
});
