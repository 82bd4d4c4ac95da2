/**
 * Whether another site sends the browser to a page of a study, by a link, a picture or a script, as far as the browser says so (Fetch Metadata Request Headers, 2.4).
 * Such a page notes who looks at it.
 */
export const isSentFromElsewhere = (path, headers) =>
  path.startsWith("/studies/") && ["cross-site", "same-site"].includes(headers["sec-fetch-site"]);

/** The page on which the person asks for that one. */
export const goOnTo = (url) => `/go-on?to=${encodeURIComponent(url)}`;
