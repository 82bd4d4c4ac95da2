import { z } from "zod";

export const signInInput = z.object({
  email: z.email("fields.sign_in_email").max(254),
  password: z.string().min(1, "fields.password").max(200),
});

/** Whoever a session belongs to. */
export interface SignedIn {
  sessionId: string;
  personId: string;
  email: string;
  name: string;
  mayCreateStudies: boolean;
}
