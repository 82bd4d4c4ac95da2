/** The cookies that mean something here: the session, in pieces where it is long, the token of the sign-in form, and the language. */
const own = /^(?:(?:__Secure-)?next-auth\.session-token(?:\.\d)?|(?:__Host-)?next-auth\.csrf-token|locale)$/;

/** A `Cookie` without what is not ours: next-auth reads others, and fails by what it cannot read in them. */
export const ownCookies = (header) =>
  header
    .split(";")
    .map((cookie) => cookie.trim())
    .filter((cookie) => own.test(cookie.split("=", 1)[0]))
    .join("; ");
