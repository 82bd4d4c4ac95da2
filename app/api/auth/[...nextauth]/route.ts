import NextAuth from "next-auth";
import { guarded, signInBytes } from "@/server/api/guard";
import { authOptions } from "@/server/auth";

/** What the pages call. next-auth has more, which would write whatever anybody sends into the log, or send it back. */
const used = new Set(["GET csrf", "GET providers", "GET session", "POST callback/credentials", "POST signout"]);

const handler = guarded(
  { largest: signInBytes },
  async (request, context: { params: Promise<{ nextauth: string[] }> }): Promise<Response> => {
    const path = (await context.params).nextauth.join("/");
    if (!used.has(`${request.method} ${path}`)) return new Response(null, { status: 404 });
    return NextAuth(authOptions())(request, context);
  },
);

export { handler as GET, handler as POST };
