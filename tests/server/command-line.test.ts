import { userInfo } from "node:os";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { lockStudy } from "@/server/services/lock/lock-study";
import { studyOfCommand } from "@/server/services/study/study-of-command";
import { freshDatabase } from "@/tests/support/database";
import { makeStudy } from "@/tests/support/study";

const { door, owner: ownerUrl } = await freshDatabase();

test("the command line shows no result of a study that is not locked, and each of its runs is in the trail with the user of the operating system", async () => {
  const { slug, members } = await makeStudy({ door, ownerUrl });
  const { principal_investigator: pi, monitor } = members;
  const trail = async () => {
    const rows = await door.withActor(monitor, (tx) =>
      tx.execute(sql`
        select e.entity_id as command, p.name as "by" from audit_event e join person p on p.id = e.person_id where e.action = 'command.run' order by e.id`),
    );
    return rows.map(({ command, by }) => ({ command, by }));
  };
  const by = `Command line (${userInfo().username})`;
  const asked = ["analyse", "report", "score", "export", "export-images", "card"].map(
    (command) => ({ command, afterLock: true }) as const,
  );

  for (const each of asked)
    await expect(studyOfCommand(slug, each)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringMatching(/not locked/),
    });
  await expect(studyOfCommand(slug, { command: "import crops" })).resolves.toMatchObject({ study: { slug } });
  const before = [...asked.map(({ command }) => ({ command, by })), { command: "import crops", by }];
  expect(await trail()).toEqual(before);

  await door.withActor(pi, (tx) => lockStudy(tx, pi, { reason: "Ends here" }));
  for (const each of asked)
    await expect(studyOfCommand(slug, each)).resolves.toMatchObject({ study: { slug, state: "locked" } });
  expect(await trail()).toHaveLength(before.length + asked.length);
});
