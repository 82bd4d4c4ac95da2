import { expect, test } from "vitest";
import { pathOf } from "@/scripts/lib/path-of.mjs";

test("a path is taken as browsers write it, and as nothing else", () => {
  const taken = [
    "/",
    "/login",
    "/api/trpc/a.b,c.d",
    "/studies/a-b/reading/case",
    "/studies/%E7%A0%94",
    "/_next/static/x~1.js",
  ];
  for (const path of taken) {
    expect(pathOf(path)).toBe(path);
    expect(pathOf(`${path}?a=/../%2e%2e//`)).toBe(path);
  }
  const others = [
    ...["/api/../login", "/api/x/../../login", "/api/%2e%2e/login", "/api/.%2E/login", "/api/./x", "/api\\..\\login"],
    ...[
      "//login",
      "//login/login",
      "http://localhost/login",
      "*",
      "",
      "login",
      "/login#x",
      "/\u00e9",
      '/"',
      "http://[",
    ],
  ];
  others.push(
    ...["%00", "%", "%z1", "%ff", "%C0%80", "%ED%A0%80", "a%0D%0Ab", "%1B%5B2J", "%C2%9B"].map(
      (name) => `/studies/${name}`,
    ),
  );
  for (const path of others) expect(pathOf(path), path).toBeNull();
});
