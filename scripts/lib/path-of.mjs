const base = "http://localhost";

/** The path that a request asks for; null where it is not written as browsers write it, so that one program may read another path than the next. */
export function pathOf(url) {
  const [path] = url.split("?", 1);
  return URL.canParse(url, base) && new URL(url, base).pathname === path ? path : null;
}
