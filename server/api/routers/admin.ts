import { z } from "zod";
import { router, studyProcedure } from "@/server/api/trpc";
import {
  addMemberInput,
  addProtocolInput,
  members,
  protocolVersions,
  setTimeZoneInput,
  site,
} from "@/server/schemas/study";
import { initialPassword } from "@/server/services/account/initial-password";
import { addMember } from "@/server/services/study/add-member";
import { addProtocolVersion } from "@/server/services/study/add-protocol-version";
import { confirmMember } from "@/server/services/study/confirm-member";
import { endMember } from "@/server/services/study/end-member";
import { listMembers } from "@/server/services/study/list-members";
import { listProtocolVersions } from "@/server/services/study/list-protocol-versions";
import { listSites } from "@/server/services/study/list-sites";
import { setTimeZone } from "@/server/services/study/set-time-zone";

export const adminRouter = router({
  members: studyProcedure("study.manage")
    .output(members)
    .query(({ ctx }) => ctx.act((tx) => listMembers(tx, ctx.actor))),

  /** The password comes back once, and only for a new account. */
  addMember: studyProcedure("study.manage")
    .input(addMemberInput)
    .output(z.object({ password: z.string().nullable() }))
    .mutation(async ({ ctx, input }) => {
      const { password, passwordHash } = await initialPassword();
      const { created } = await ctx.act((tx) => addMember(tx, ctx.actor, { ...input, passwordHash }));
      return { password: created ? password : null };
    }),

  confirmMember: studyProcedure("study.manage")
    .input(z.object({ membershipId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => confirmMember(tx, ctx.actor, input))),

  endMember: studyProcedure("study.manage")
    .input(z.object({ membershipId: z.uuid() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => endMember(tx, ctx.actor, input))),

  protocols: studyProcedure("study.manage")
    .output(protocolVersions)
    .query(({ ctx }) => ctx.act((tx) => listProtocolVersions(tx, ctx.actor))),

  addProtocol: studyProcedure("study.manage")
    .input(addProtocolInput)
    .output(z.object({ version: z.string() }))
    .mutation(({ ctx, input }) => ctx.act((tx) => addProtocolVersion(tx, ctx.actor, input))),

  sites: studyProcedure("study.manage")
    .output(z.array(site))
    .query(({ ctx }) => ctx.act((tx) => listSites(tx, ctx.actor))),

  setTimeZone: studyProcedure("study.manage")
    .input(setTimeZoneInput)
    .mutation(({ ctx, input }) => ctx.act((tx) => setTimeZone(tx, ctx.actor, input))),
});
