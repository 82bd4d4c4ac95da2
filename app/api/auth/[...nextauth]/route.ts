import { NextRequest } from "next/server";
import NextAuth from "next-auth";
import { guarded, signInBytes } from "@/server/api/guard";
import { authOptions } from "@/server/auth";
import { authForm } from "@/server/schemas/session";

/** What the pages call. next-auth has more, which would write whatever anybody sends into the log, or send it back. */
const used = new Set(["GET csrf", "GET providers", "GET session", "POST callback/credentials", "POST signout"]);

const formType = "application/x-www-form-urlencoded";

/** What is sent as the pages send it: a form with the fields of next-auth, made anew; or why it is refused. */
async function asForm(request: NextRequest): Promise<URLSearchParams | Response> {
  if (request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase() !== formType)
    return new Response(null, { status: 415 });
  const form = authForm.safeParse(Object.fromEntries(new URLSearchParams(await request.text())));
  return form.success ? new URLSearchParams(form.data) : new Response(null, { status: 400 });
}

const handler = guarded(
  { largest: signInBytes },
  async (request, context: { params: Promise<{ nextauth: string[] }> }): Promise<Response> => {
    const path = (await context.params).nextauth.join("/");
    if (!used.has(`${request.method} ${path}`)) return new Response(null, { status: 404 });
    const body = request.method === "POST" ? await asForm(request) : null;
    if (body instanceof Response) return body;
    const { method, headers, nextUrl } = request;
    // Without what else the address says: it would be taken for a field of the form.
    const asked = new NextRequest(new URL(nextUrl.pathname, nextUrl), { method, headers, body });
    return NextAuth(authOptions())(asked, context);
  },
);

export { handler as GET, handler as POST };
