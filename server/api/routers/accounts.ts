import { z } from "zod";
import { personActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { accounts, addAccountInput } from "@/server/schemas/account";
import { auditPage } from "@/server/schemas/audit";
import { addAccount } from "@/server/services/account/add-account";
import { closeAccount } from "@/server/services/account/close-account";
import { initialPassword } from "@/server/services/account/initial-password";
import { listAccounts } from "@/server/services/account/list-accounts";
import { makePasswordLink } from "@/server/services/account/make-password-link";
import { listEvents } from "@/server/services/audit/list-events";
import { personProcedure, router } from "../trpc";

/** Whoever administers the accounts of the installation; the database asks again (`nw.administers`). */
const administratorProcedure = personProcedure.use(({ ctx, next }) => {
  if (!ctx.person.administersAccounts) throw new AppError("forbidden", { key: "errors.administrators_only" });
  return next();
});

export const accountsRouter = router({
  list: administratorProcedure.output(accounts).query(({ ctx }) => ctx.act(listAccounts)),

  /** The first password comes back once. */
  add: administratorProcedure
    .input(addAccountInput)
    .output(z.object({ password: z.string() }))
    .mutation(async ({ ctx, input }) => {
      const { password, passwordHash } = await initialPassword();
      await ctx.act((tx) => addAccount(tx, { ...input, passwordHash }));
      return { password };
    }),

  close: administratorProcedure
    .input(z.object({ personId: z.uuid(), closed: z.boolean() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => closeAccount(tx, input))),

  /** The link comes back once, or null where it was sent by mail. */
  makePasswordLink: administratorProcedure
    .input(z.object({ email: z.email() }))
    .output(z.object({ link: z.string().nullable(), hours: z.int() }))
    .mutation(({ ctx, input }) => makePasswordLink(personActor(ctx.person.personId), { ...input, locale: ctx.locale })),

  /** What belongs to no study: accounts, sessions and sign-ins. */
  trail: administratorProcedure
    .input(z.object({ before: z.int().nullable() }))
    .output(auditPage)
    .query(({ ctx, input }) => ctx.act((tx) => listEvents(tx, { studyId: null }, input))),
});
