import type { SignedIn } from "@/server/schemas/session";
import type { MadeStudy } from "@/tests/support/study";

/** Whoever is signed in, in place of `server/auth.ts`, and a request without headers of its own, in place of `next/headers`. */
export const asking: { person: SignedIn | null } = { person: null };

export const auth = {
  currentPerson: async () => asking.person,
  refuseForeignPassword: () => {},
  refuseEnded: async () => {},
  authOptions: () => ({ providers: [] }),
};
export const nextHeaders = {
  headers: async () => new Headers(),
  cookies: async () => ({ getAll: () => [] }),
};

/** Signs in as a member of a study, under a session that is none. */
export function signInAs({ personId }: MadeStudy["members"]["reader"]): void {
  asking.person = {
    ...{
      sessionId: "00000000-0000-4000-8000-000000000000",
      personId,
      email: `${personId}@example.org`,
      name: "Somebody",
    },
    ...{ mayCreateStudies: false, administersAccounts: false, mustChangePassword: false },
  };
}
