import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, expect, test } from "vitest";
import type { StudyActor } from "@/server/door";
import { listInbox } from "@/server/services/inbox/list-inbox";
import { receiveImages } from "@/server/services/inbox/receive-images";
import { turnAwayInbox } from "@/server/services/inbox/turn-away-inbox";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { freshDatabase } from "@/tests/support/database";
import { slice } from "@/tests/support/dicom";
import { makeStudy } from "@/tests/support/study";

/*
 * What waits is of the site that sent it, and so is what became of it.
 */

const database = await freshDatabase();
const { door, owner: ownerUrl } = database;
const admin = postgres(database.admin, { max: 1, onnotice: () => {} });
afterAll(() => admin.end());

test("what came to one site, who looked at it and what was turned away, and why, is in the trail of no other; control: its own sees it, and who works for all", async () => {
  const study = await makeStudy({ door, ownerUrl });
  const other = randomUUID();
  await admin`insert into site (id, study_id, name) values (${other}, ${study.studyId}, 'There')`;
  const at = async (actor: StudyActor, siteId: string | null): Promise<StudyActor> => {
    await admin`update membership set site_id = ${siteId} where id = ${actor.membershipId}`;
    return { ...actor, siteId };
  };
  const { coordinator, monitor } = study.members;
  const importer = { ...(await studyAsCommandLine(study.slug)).actor, siteId: study.siteId };
  const { take, end } = receiveImages(importer, { site: "Here", sender: "SCANNER" });
  const stranger = { PatientID: "Z-1", PatientName: "Sun^Patient", StudyDate: "20260106", SOPInstanceUID: "1.2.3.1" };
  expect((await take(slice(stranger))).outcome).toBe("waiting");
  expect((await take(new TextEncoder().encode("no image"))).outcome).toBe("refused");
  await end();
  const here = await at(coordinator, study.siteId);
  const [waits] = (await listInbox(here)).waiting;
  const turned = { inboxId: waits?.inboxId ?? "", reason: "Sun was never a patient of ours" };
  await door.withActor(here, (tx) => turnAwayInbox(tx, here, turned));

  const seen = async (actor: StudyActor) => {
    const rows = await door.withActor(actor, (tx) =>
      tx.execute<{ action: string }>(
        sql`select action from audit_event where action in ('inbox.viewed', 'inbox.turned_away', 'images.turned_away') order by action`,
      ),
    );
    return rows.map(({ action }) => action);
  };
  const all = ["images.turned_away", "inbox.turned_away", "inbox.viewed"];
  for (const member of [coordinator, monitor]) {
    expect(await seen(await at(member, study.siteId))).toEqual(all);
    expect(await seen(await at(member, null))).toEqual(all);
    expect(await seen(await at(member, other))).toEqual([]);
  }
});
