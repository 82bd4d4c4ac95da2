import { hash } from "@node-rs/argon2";
import { sql } from "drizzle-orm";
import { record } from "@/server/audit";
import { signInActor, withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { sha256 } from "@/server/sha256";

const gone = () => new AppError("not_found", { key: "errors.password_link_gone" });

/**
 * Sets the password of whom the link belongs to; every session of theirs ends. Manages its own transactions: the slow hash runs between them, and
 * only for a link that is open.
 * @returns the address to sign in with
 * @throws AppError "not_found" for a link that was used, replaced, is too old or was never made
 */
export async function followPasswordLink(options: { secret: string; password: string }): Promise<{ email: string }> {
  const secretSha256 = sha256(Buffer.from(options.secret));
  const [whose] = await withActor(signInActor, (tx) =>
    tx.execute<{ email: string }>(sql`select email from nw.person_of_password_link(${secretSha256})`),
  );
  if (!whose) throw gone();
  const passwordHash = await hash(options.password);
  await withActor(signInActor, async (tx) => {
    const [used] = await tx.execute<{ id: string | null }>(
      sql`select nw.use_password_link(${secretSha256}, ${passwordHash}) as id`,
    );
    if (!used?.id) throw gone();
    await record(tx, "password.link_used", { entity: "person", entityId: used.id });
  });
  return { email: whose.email };
}
