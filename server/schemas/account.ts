import { z } from "zod";
import { oneLine } from "@/core/text/characters";
import { few } from "./few";

/** A password that a person chooses: long enough that guesses over the sign-in do not find it. */
export const chosenPassword = z
  .string()
  .min(12, "fields.chosen_password")
  .max(200, "fields.chosen_password")
  .check(oneLine);

export const changePasswordInput = z.object({
  password: z.string().min(1, "fields.password").max(200).check(oneLine),
  newPassword: chosenPassword,
});

export const followPasswordLinkInput = z.object({
  secret: z.string().min(1).max(100).check(oneLine),
  password: chosenPassword,
});

export const addAccountInput = z.object({
  email: z.email("fields.email").max(254),
  name: z.string().trim().min(2, "fields.person_name").max(120).check(oneLine),
  mayCreateStudies: z.boolean(),
});

export const accounts = z.array(
  z.object({
    id: z.uuid(),
    name: z.string(),
    email: z.string(),
    administrator: z.boolean(),
    mayCreateStudies: z.boolean(),
    demonstration: z.boolean(),
    since: z.date(),
    closedAt: z.date().nullable(),
  }),
);
export type Accounts = z.infer<typeof accounts>;

export const sessions = z.array(
  z.object({
    id: z.uuid(),
    userAgent: z.string().nullable(),
    since: z.date(),
    until: z.date(),
    /** The browser that asks. */
    current: z.boolean(),
  }),
);
export type Sessions = z.infer<typeof sessions>;

/** The pages whose keys a person can choose. */
export const keySetting = z.enum(["viewer_keys", "reading_keys"]);
export type KeySetting = z.infer<typeof keySetting>;

/** Most things that a page does by keys. */
const mostDeeds = 100;

/** By what a page does, the keys that do it instead of its own, as `KeyboardEvent.key` names them. */
export const keyChoices = few(
  mostDeeds,
  // No deed has a name that objects have of themselves, which no answer can carry.
  z.record(
    z.string().regex(/^(?!constructor$|prototype$)[a-zA-Z]{1,40}$/),
    z.array(z.string().min(1).max(20).check(oneLine)).min(1).max(3),
  ),
);
export type KeyChoices = z.infer<typeof keyChoices>;
export const chooseKeysInput = z.object({ name: keySetting, keys: keyChoices });
