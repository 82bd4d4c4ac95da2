import { cookies } from "next/headers";
import type { NextAuthOptions } from "next-auth";
import { type GetTokenParams, getToken } from "next-auth/jwt";
import Credentials from "next-auth/providers/credentials";
import { asWritten } from "@/core/words/said";
import { signInInput, signInSource } from "@/server/schemas/session";
import { signInActor, withActor } from "./door";
import { env } from "./env";
import { AppError, toAppError } from "./errors";
import { logFailure } from "./log";
import type { SignedIn } from "./schemas/session";
import { closeSession } from "./services/session/close-session";
import { findSession } from "./services/session/find-session";
import { openSession } from "./services/session/open-session";

declare module "next-auth" {
  interface User {
    sessionId: string;
  }
  interface Session {
    sessionId?: string;
  }
}
declare module "next-auth/jwt" {
  interface JWT {
    sessionId?: string;
  }
}

/** What next-auth says of a cookie that is no session: whoever sends one could fill the log. */
const unreadable: ReadonlySet<string> = new Set(["JWT_SESSION_ERROR", "SIGNOUT_ERROR"]);

/** Hours after which a person signs in again. */
const sessionHours = 12;

/** next-auth checks the password and keeps the cookie; the session itself is a row of ours, so that it can be revoked. */
export const authOptions = (): NextAuthOptions => ({
  secret: env().NEXTAUTH_SECRET,
  // Its own logger writes what a stranger sent as it came: lines that nobody wrote, and commands to the terminal.
  logger: {
    error(code, about) {
      if (unreadable.has(code)) return;
      const { message } = about instanceof Error ? about : about.error;
      logFailure(`next-auth ${code}`, message);
    },
  },
  session: { strategy: "jwt", maxAge: sessionHours * 3600 },
  pages: { signIn: "/login", error: "/login" },
  providers: [
    Credentials({
      credentials: { email: {}, password: {} },
      async authorize(credentials, request) {
        const input = signInInput.safeParse(credentials);
        if (!input.success) return null;
        const opened = await openSession({
          ...input.data,
          source: signInSource.parse(request.headers?.["x-nodewise-source"]),
          userAgent: String(request.headers?.["user-agent"] ?? ""),
          hours: sessionHours,
        }).catch((error: unknown) => {
          if (!toAppError(error)) logFailure("sign-in failed", error);
          throw new AppError("unavailable", asWritten("unavailable"));
        });
        // The page is handed the message alone: it is the code, and how long to wait.
        if (opened && "waitSeconds" in opened)
          throw new AppError("too_many", asWritten(`too_many ${opened.waitSeconds}`));
        return opened && { id: opened.personId, sessionId: opened.sessionId };
      },
    }),
  ],
  callbacks: {
    jwt: ({ token, user }) => (user ? { ...token, sessionId: user.sessionId } : token),
    session: ({ session, token }) => ({ ...session, sessionId: token.sessionId }),
  },
  events: {
    async signOut({ token }) {
      if (token.sessionId && token.sub)
        await closeSession({ sessionId: token.sessionId, personId: token.sub, from: "itself" });
    },
  },
});

/** The signed-in person, or null: asked of the database at every request, so a revoked session ends at once. */
export async function currentPerson(): Promise<SignedIn | null> {
  // The cookies are all that it looks at, of whatever kind of request: no header is a session. Those that it refuses are none.
  const req = { cookies: await cookies(), headers: {} } as unknown as GetTokenParams["req"];
  const token = await getToken({ req, secret: env().NEXTAUTH_SECRET }).catch(() => null);
  const sessionId = token?.sessionId;
  return sessionId ? withActor(signInActor, (tx) => findSession(tx, { sessionId })) : null;
}

/** Whoever's password somebody else has seen may be that somebody. @throws AppError "not_signed_in" until it is changed */
export function refuseForeignPassword({ mustChangePassword }: SignedIn): void {
  if (mustChangePassword) throw new AppError("not_signed_in", { key: "errors.password_first" });
}

/** @throws AppError "not_signed_in" when the session has ended since it was found */
export async function refuseEnded({ sessionId }: SignedIn): Promise<void> {
  const found = await withActor(signInActor, (tx) => findSession(tx, { sessionId }));
  if (!found) throw new AppError("not_signed_in", { key: "errors.sign_in_first" });
}
