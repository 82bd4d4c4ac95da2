import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { signInActor, withActor } from "@/server/door";
import { demonstrationAccounts, demonstrationPassword } from "@/server/services/demonstration/accounts";
import { seedDemonstration } from "@/server/services/demonstration/seed-demonstration";
import { closeSession } from "@/server/services/session/close-session";
import { findSession } from "@/server/services/session/find-session";
import { openSession } from "@/server/services/session/open-session";
import { freshDatabase } from "@/tests/support/database";

const { owner } = await freshDatabase();
await seedDemonstration({ ownerUrl: owner });
const [first, second] = demonstrationAccounts;
if (!first || !second) throw new Error("there are no demonstration accounts");

const open = (email: string, password: string) => openSession({ email, password, userAgent: "test", hours: 1 });
const found = (sessionId: string) => withActor(signInActor, (tx) => findSession(tx, { sessionId }));

test("a session opens with the right password, in whatever case the address is written, and can be revoked", async () => {
  const session = await open(first.email.toUpperCase(), demonstrationPassword);
  if (!session || session === "too many") throw new Error("no session");
  expect(await found(session.sessionId)).toMatchObject({ personId: session.personId });
  await closeSession({ sessionId: session.sessionId });
  expect(await found(session.sessionId)).toBeNull();
});

test("passwords are kept as argon2id, and only the sign-in reads them", async () => {
  const rows = await withActor(signInActor, (tx) =>
    tx.execute<{ password_hash: string }>(sql`select password_hash from credential`),
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const row of rows) expect(row.password_hash).toMatch(/^\$argon2id\$/);
});

test("after ten wrong passwords an address is closed for a while, also to the right one; others are not", async () => {
  for (let i = 0; i < 10; i++) expect(await open(second.email, "wrong")).toBeNull();
  expect(await open(second.email, demonstrationPassword)).toBe("too many");
  expect(await open(first.email, demonstrationPassword)).toHaveProperty("sessionId");
  expect(await open("nobody@example.org", "wrong")).toBeNull();
});
