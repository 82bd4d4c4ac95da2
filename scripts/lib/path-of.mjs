const base = "http://localhost";

/** A character that no address of ours has: it commands a terminal, or no database keeps it. */
const control = /\p{Cc}/u;

/** Whether what is percent-encoded is text (RFC 3986, 2.1, as UTF-8). */
function isText(path) {
  try {
    return !control.test(decodeURIComponent(path));
  } catch {
    return false;
  }
}

/** The path that a request asks for; null where it is not written as browsers write it, so that one program may read another path than the next, or is no text. */
export function pathOf(url) {
  const [path] = url.split("?", 1);
  return URL.canParse(url, base) && new URL(url, base).pathname === path && isText(path) ? path : null;
}
