import { guarded } from "@/server/api/guard";

/** An address that is none: left to the page that says so, what was sent there would be read. */
const handler = guarded({ largest: 0 }, async () => new Response(null, { status: 404 }));

export { handler as GET, handler as POST };
