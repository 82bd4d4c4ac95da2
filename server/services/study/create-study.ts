import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import type { Tx } from "@/db/actor";
import { hold } from "@/db/locks";
import { membership, protocolVersion, site, study } from "@/db/schema";
import { record } from "@/server/audit";
import { AppError } from "@/server/errors";
import { parseProtocol } from "./parse-protocol";
import { slugOf } from "./slug-of";

/**
 * Creates a study from a protocol; its creator becomes its principal investigator.
 * Runs as `person` (see `personActor`): the database lets only a person who may create studies found one.
 * @throws AppError "conflict" when the name is taken, "invalid" with the protocol's problems
 */
export async function createStudy(
  tx: Tx,
  options: {
    personId: string;
    name: string;
    site: string;
    timeZone?: string | undefined;
    source: string;
    synthetic?: boolean;
  },
) {
  const { document, sha256 } = parseProtocol(options.source);
  const slug = slugOf(options.name);
  await hold(tx, "study of a slug", slug);
  const [taken] = await tx.select({ id: study.id }).from(study).where(eq(study.slug, slug));
  if (taken) throw new AppError("conflict", { key: "errors.study_name_taken", values: { name: options.name } });
  const studyId = randomUUID();
  const protocolVersionId = randomUUID();
  await tx.insert(study).values({
    id: studyId,
    slug,
    name: options.name,
    synthetic: options.synthetic ?? false,
    protocolVersionId,
    createdBy: options.personId,
  });
  await tx.insert(protocolVersion).values({
    id: protocolVersionId,
    studyId,
    version: document.version,
    sha256,
    document,
    source: options.source,
  });
  const siteId = randomUUID();
  await tx.insert(site).values({ id: siteId, studyId, name: options.site, timeZone: options.timeZone });
  await tx.insert(membership).values({ studyId, personId: options.personId, role: "principal_investigator" });
  await record(tx, "study.created", {
    entity: "study",
    entityId: studyId,
    detail: { name: options.name, protocol: document.key, version: document.version, sha256 },
  });
  return { studyId, slug, siteId };
}
