import { z } from "zod";
import { signInActor, withActor } from "@/server/door";
import { env } from "@/server/env";
import {
  changePasswordInput,
  chooseKeysInput,
  followPasswordLinkInput,
  keyChoices,
  keySetting,
  sessions,
} from "@/server/schemas/account";
import { studyRole } from "@/server/schemas/study";
import { besideStudy } from "@/server/services/account/beside-study";
import { changePassword } from "@/server/services/account/change-password";
import { chooseKeys } from "@/server/services/account/choose-keys";
import { findKeys } from "@/server/services/account/find-keys";
import { followPasswordLink } from "@/server/services/account/follow-password-link";
import { demonstrationAccounts } from "@/server/services/demonstration/accounts";
import { closeSession } from "@/server/services/session/close-session";
import { listSessions } from "@/server/services/session/list-sessions";
import { accountProcedure, personProcedure, publicProcedure, router } from "../trpc";

export const personRouter = router({
  /** What the sign-in page needs before anybody is signed in. */
  door: publicProcedure
    .output(
      z.object({
        signedIn: z.boolean(),
        passwordFirst: z.boolean(),
        demonstration: z.array(
          z.object({ email: z.string(), roles: z.array(studyRole), readerCode: z.string().nullable() }),
        ),
      }),
    )
    .query(({ ctx }) => ({
      signedIn: ctx.person !== null,
      passwordFirst: ctx.person?.mustChangePassword ?? false,
      demonstration: env().NODEWISE_DEMONSTRATION
        ? demonstrationAccounts.map(({ email, roles, readerCode }) => ({
            email,
            roles: [...roles],
            readerCode: readerCode ?? null,
          }))
        : [],
    })),

  me: personProcedure
    .output(
      z.object({
        email: z.string(),
        name: z.string(),
        mayCreateStudies: z.boolean(),
        administersAccounts: z.boolean(),
      }),
    )
    .query(({ ctx }) => ctx.person),

  /** Whether every page says that accounts of the demonstration stand open beside a study that is none. */
  demonstrationBesideStudy: publicProcedure.output(z.boolean()).query(() => withActor(signInActor, besideStudy)),

  /** The own account: whether its password is due, and where it is signed in. */
  account: accountProcedure
    .output(z.object({ email: z.string(), name: z.string(), passwordFirst: z.boolean(), sessions }))
    .query(async ({ ctx: { person, act } }) => ({
      email: person.email,
      name: person.name,
      passwordFirst: person.mustChangePassword,
      sessions: await act((tx) => listSessions(tx, person)),
    })),

  /** The keys that this person chose for a page. */
  keys: personProcedure
    .input(z.object({ name: keySetting }))
    .output(keyChoices)
    .query(({ ctx, input }) => ctx.act((tx) => findKeys(tx, ctx.person, input))),

  chooseKeys: personProcedure
    .input(chooseKeysInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => chooseKeys(tx, input))),

  changePassword: accountProcedure
    .input(changePasswordInput)
    .output(z.object({ ended: z.int() }))
    .mutation(({ ctx, input }) => changePassword(ctx.person, input)),

  revokeSession: accountProcedure
    .input(z.object({ sessionId: z.uuid() }))
    .mutation(({ ctx, input }) => closeSession({ ...input, personId: ctx.person.personId, from: "another" })),

  /** By a link; the secret is in the body, which nothing writes into a log. */
  followPasswordLink: publicProcedure
    .input(followPasswordLinkInput)
    .output(z.object({ email: z.string() }))
    .mutation(({ input }) => followPasswordLink(input)),
});
