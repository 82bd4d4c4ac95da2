import { z } from "zod";
import { oneLine } from "@/core/text/characters";

/** Calls of the API that go in one request. */
export const largestBatch = 20;

export const signInInput = z.object({
  email: z.email("fields.sign_in_email").max(254),
  password: z.string().min(1, "fields.password").max(200),
});

const field = z.string().max(2000);

/** The form with which the pages sign in and out: the fields that next-auth reads, each once. */
export const authForm = z
  .object({
    csrfToken: field,
    callbackUrl: field.check(oneLine).refine((url) => url.startsWith("/") || URL.canParse(url)),
    json: field,
    redirect: field,
    email: field,
    password: field,
  })
  .partial()
  .transform((form) => Object.fromEntries(Object.entries(form).filter(([, value]) => value !== undefined)));

/** Whoever a session belongs to. */
export interface SignedIn {
  sessionId: string;
  personId: string;
  email: string;
  name: string;
  mayCreateStudies: boolean;
  administersAccounts: boolean;
  /** Somebody else has seen the password: it is changed before anything else is done. */
  mustChangePassword: boolean;
}

/** The address that a sign-in comes from, as the web process noted it (`scripts/web.mjs`). */
export const signInSource = z.union([z.ipv4(), z.ipv6()]).catch("unknown");

/** What the sign-in page is told of too many wrong passwords: the seconds to wait. */
export const tooManyGuesses = z
  .string()
  .regex(/^too_many \d+$/)
  .transform((text) => Number(text.split(" ")[1]));
