import NextAuth from "next-auth";
import { guarded, signInBytes } from "@/server/api/guard";
import { authOptions } from "@/server/auth";

const handler = guarded(
  { largest: signInBytes },
  async (request, context: { params: Promise<{ nextauth: string[] }> }): Promise<Response> => {
    const [action] = (await context.params).nextauth;
    // next-auth would write whatever anybody sends there into the log.
    if (action === "_log") return new Response(null, { status: 404 });
    return NextAuth(authOptions())(request, context);
  },
);

export { handler as GET, handler as POST };
