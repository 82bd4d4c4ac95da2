import { guarded } from "@/server/api/guard";
import { databaseAnswers } from "@/server/health";

/** For whatever watches over this server: 200 while pages and database work, 503 while the database is away. Says nothing else to anybody. */
export const GET = guarded({ largest: 0 }, async () => {
  const ok = await databaseAnswers();
  return Response.json({ ok }, { status: ok ? 200 : 503 });
});
