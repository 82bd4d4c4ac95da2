import { hash } from "@node-rs/argon2";
import { and, count, eq, isNull, sql } from "drizzle-orm";
import { inLanguage } from "@/core/protocol/text";
import type { StudyRole, Tx } from "@/db/actor";
import { membership, modelRun, site, subject } from "@/db/schema";
import { ensureAccounts } from "@/db/seed/accounts";
import { commandLineActor, personActor, type StudyActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { closeAccount } from "@/server/services/account/close-account";
import { lockStudy } from "@/server/services/lock/lock-study";
import { queueTraining } from "@/server/services/model/queue-training";
import { commandLinePerson } from "@/server/services/study/command-line-person";
import { createStudy } from "@/server/services/study/create-study";
import { everyStudy } from "@/server/services/study/every-study";
import { parseProtocol } from "@/server/services/study/parse-protocol";
import { shippedProtocol } from "@/server/services/study/shipped-protocol";
import { studyAsCommandLine } from "@/server/services/study/study-as-command-line";
import { studyProtocol } from "@/server/services/study/study-protocol";
import { demonstrationAccounts, demonstrationPassword } from "./accounts";
import { drawCrops } from "./draw-crops";
import { fillStudy } from "./fill-study";
import { addIdentities } from "./identities";
import { type Demonstration, populations } from "./populations";
import { takeScans } from "./take-scans";
import { whoIsHere } from "./who-is-here";

const siteName = "Demonstration Hospital (synthetic)";
const lockReason = "Some nodes cannot be seen in every plane, as in the founding study (synthetic demonstration).";

const described = demonstrationAccounts.map(({ email, name, roles, readerCode }) => ({
  email,
  roles: `${roles.map((role) => role.replaceAll("_", " ")).join(", ")}${readerCode ? ` ${readerCode}` : ""}: ${name}`,
}));

/** Person ids by the e-mail addresses of the demonstration. */
type People = ReadonlyMap<string, string>;

function personWith(people: People, role: StudyRole): string {
  const account = demonstrationAccounts.find(({ roles }) => roles.includes(role));
  const id = account && people.get(account.email);
  if (!id) throw new AppError("unavailable", { key: "errors.demonstration_without_account", values: { role } });
  return id;
}

/** A member of the demonstration who acts in the own role. */
async function memberWith(actor: StudyActor, people: People, role: StudyRole): Promise<StudyActor> {
  const personId = personWith(people, role);
  const [member] = await withActor(actor, (tx) =>
    tx
      .select({ membershipId: membership.id, siteId: membership.siteId })
      .from(membership)
      .where(
        and(
          eq(membership.studyId, actor.studyId),
          eq(membership.personId, personId),
          eq(membership.role, role),
          isNull(membership.endedAt),
        ),
      ),
  );
  if (!member) throw new AppError("unavailable", { key: "errors.demonstration_without_account", values: { role } });
  return { ...actor, role, personId, ...member };
}

/**
 * Makes the demonstration at the first start: accounts, a locked study whose training is queued, and a running one. Synthetic
 * throughout; nothing is computed ahead. Each step looks at what is there, so a start that was interrupted is completed by the next.
 * @param options.ownerUrl the owner's login; null (services of one's own): there is no demonstration
 * @param options.asked yes: whoever else is here; no: none is made, and the accounts of one that is there are closed; left out: where nobody real
 * administers accounts yet, and as long as its accounts are open
 * @returns the accounts, for whoever greets the person who starts
 */
export async function seedDemonstration(options: {
  ownerUrl: string | null;
  asked?: boolean | undefined;
}): Promise<{ email: string; roles: string }[]> {
  if (!options.ownerUrl) return [];
  if (options.asked === false) {
    await closeDemonstration();
    return [];
  }
  const here = await whoIsHere();
  if (here.demonstration ? !here.open : here.administrator && !options.asked) return [];
  const { source } = await shippedProtocol("demonstration");
  const document = inLanguage(parseProtocol(source).document, "en");
  const { locked, running } = populations(document);
  if (await isSeeded(locked, running)) return described;

  const people = await ensureAccounts(options.ownerUrl, await newAccounts());
  for (const demonstration of [running, locked]) await seedStudy({ demonstration, source, people });
  await finishStudy({ demonstration: locked, people });
  return described;
}

/** Accounts whose password everybody knows: no more of them. */
async function closeDemonstration(): Promise<void> {
  const actor = { ...commandLineActor, personId: await commandLinePerson() };
  await withActor(actor, async (tx) => {
    const rows = await tx.execute<{ id: string }>(sql`select id from nw.open_demonstration()`);
    for (const { id } of rows) await closeAccount(tx, { personId: id, closed: true });
  });
}

/** The last thing that seeding does is to queue the training of the locked study. */
async function isSeeded(locked: Demonstration, running: Demonstration): Promise<boolean> {
  const studies = await everyStudy();
  if (![locked, running].every(({ name }) => studies.some((study) => study.name === name))) return false;
  const { actor } = await studyAsCommandLine(locked.name);
  return withActor(actor, async (tx) => (await countOf(tx, modelRun, actor)) > 0);
}

async function countOf(tx: Tx, table: typeof modelRun | typeof subject, actor: StudyActor): Promise<number> {
  const [row] = await tx.select({ n: count() }).from(table).where(eq(table.studyId, actor.studyId));
  return row?.n ?? 0;
}

const newAccounts = () =>
  Promise.all(
    demonstrationAccounts.map(async ({ email, name, mayCreateStudies, administrator }) => ({
      email,
      name,
      mayCreateStudies,
      administrator,
      demonstration: true,
      passwordHash: await hash(demonstrationPassword),
    })),
  );

/** One study with its members, records and identities. */
async function seedStudy(options: { demonstration: Demonstration; source: string; people: People }): Promise<void> {
  const { demonstration, source, people } = options;
  const { name } = demonstration;
  const founder = personWith(people, "principal_investigator");
  if (!(await everyStudy()).some((study) => study.name === name)) {
    await withActor(personActor(founder), (tx) =>
      createStudy(tx, { personId: founder, name, site: siteName, source, synthetic: true }),
    );
  }
  const { study, actor } = await studyAsCommandLine(name);
  if (study.state === "locked") return;
  const { readers, siteId, filled } = await withActor(actor, async (tx) => ({
    ...(await ensureMembers(tx, actor, people)),
    filled: (await countOf(tx, subject, actor)) > 0,
  }));
  if (!filled) {
    const imaged = demonstration.subjects.filter(({ imaging }) => imaging === "crops");
    const drawn = await drawCrops(imaged.flatMap(({ phantom }) => phantom.nodes));
    await withActor(actor, async (tx) => {
      const { document, id: protocolVersionId } = await studyProtocol(tx, actor);
      await fillStudy(tx, actor, {
        demonstration,
        document,
        protocolVersionId,
        siteId,
        drawn,
        people: {
          coordinator: personWith(people, "coordinator"),
          radiologist: personWith(people, "locating_radiologist"),
          pathologist: personWith(people, "pathologist"),
          readers,
        },
      });
    });
  }
  const coordinator = await memberWith(actor, people, "coordinator");
  await withActor(coordinator, (tx) => addIdentities(tx, coordinator));
  await takeScans(coordinator, demonstration);
}

/** Every account of the demonstration in its role; the founder is a member already. */
async function ensureMembers(tx: Tx, actor: StudyActor, people: People) {
  const [place] = await tx.select({ id: site.id }).from(site).where(eq(site.studyId, actor.studyId));
  if (!place) throw new AppError("unavailable", { key: "errors.study_without_site", values: { study: actor.studyId } });
  for (const { email, roles, readerCode } of demonstrationAccounts) {
    const personId = people.get(email);
    if (!personId) continue;
    const rows = roles.map((role) => ({
      studyId: actor.studyId,
      personId,
      siteId: place.id,
      role,
      readerCode: readerCode ?? null,
    }));
    await tx.insert(membership).values(rows).onConflictDoNothing();
  }
  const members = await tx
    .select({ membershipId: membership.id, readerCode: membership.readerCode })
    .from(membership)
    .where(eq(membership.studyId, actor.studyId))
    .orderBy(membership.readerCode);
  const readers = members.flatMap(({ membershipId, readerCode }) => (readerCode ? [{ membershipId, readerCode }] : []));
  return { readers, siteId: place.id };
}

/** The investigator locks, the data scientist trains: each in the own role, as people do. */
async function finishStudy({ demonstration, people }: { demonstration: Demonstration; people: People }): Promise<void> {
  const { study, actor } = await studyAsCommandLine(demonstration.name);
  const investigator = await memberWith(actor, people, "principal_investigator");
  if (study.state !== "locked")
    await withActor(investigator, (tx) => lockStudy(tx, investigator, { reason: lockReason }));
  const scientist = await memberWith(actor, people, "data_scientist");
  if ((await withActor(scientist, (tx) => countOf(tx, modelRun, scientist))) === 0) await queueTraining(scientist, {});
}
