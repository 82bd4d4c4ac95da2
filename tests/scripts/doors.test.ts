import { expect, test } from "vitest";
import { ownCookies } from "@/scripts/lib/own-cookies.mjs";
import { isOwnHost, ownHosts } from "@/scripts/lib/own-hosts.mjs";
import { isRouterState } from "@/scripts/lib/router-state.mjs";
import { goOnTo, isSentFromElsewhere } from "@/scripts/lib/sent-from-elsewhere.mjs";
import { localeCookie } from "@/server/locale";

test("a page of a study is one to which no other site sends a browser", () => {
  const from = (site: string | undefined, path = "/studies/a/analysis") =>
    isSentFromElsewhere(path, site === undefined ? {} : { "sec-fetch-site": site });
  for (const site of ["cross-site", "same-site"]) expect(from(site), site).toBe(true);
  for (const site of ["same-origin", "none", undefined]) expect(from(site), `control: ${site}`).toBe(false);
  for (const path of ["/login", "/password", "/studies", "/go-on", "/api/health"])
    expect(from("cross-site", path), `control: ${path}`).toBe(false);
  expect(goOnTo("/studies/a/analysis?run=b&x=#")).toBe("/go-on?to=%2Fstudies%2Fa%2Fanalysis%3Frun%3Db%26x%3D%23");
});

test("what a browser says of its pages is read as Next would, or refused", () => {
  const tree = ["", { children: ["studies", { children: ["__PAGE__", {}] }] }, null, "refetch"];
  expect(isRouterState(undefined)).toBe(true);
  expect(isRouterState(encodeURIComponent(JSON.stringify(tree)))).toBe(true);
  for (const header of [
    "",
    "x",
    "null",
    "{}",
    "[]",
    "%zz",
    encodeURIComponent(JSON.stringify([tree])),
    "x".repeat(40_001),
  ])
    expect(isRouterState(header), header.slice(0, 40)).toBe(false);
});

test("the server answers under its own names alone, at any port", () => {
  const hosts = ownHosts({
    NEXTAUTH_URL: "https://reads.hospital.example",
    NODEWISE_HOST: "192.0.2.7",
    NODEWISE_HOSTS: "reads.internal, fd00::7",
  });
  for (const host of [
    ...["localhost", "127.0.0.1:3000", "[::1]:3000", "READS.hospital.example", "reads.hospital.example:443"],
    ...["192.0.2.7:3000", "reads.internal", "[fd00::7]:3000"],
  ])
    expect(isOwnHost(hosts, host), `control: ${host}`).toBe(true);
  for (const host of [
    ...[
      "evil.example",
      "evil.example:3000",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "",
      undefined,
      "0.0.0.0",
    ],
    ...["evil.example@localhost:x", "[::2]", "reads.hospital.example.", "192.0.2.8"],
  ])
    expect(isOwnHost(hosts, host), host).toBe(false);
  const everywhere = ownHosts({ NODEWISE_HOST: "0.0.0.0", NODEWISE_HOSTS: "" });
  expect([...everywhere].sort()).toEqual(["127.0.0.1", "[::1]", "localhost"]);
});

test("of the cookies those pass that mean something here", () => {
  const own = [
    "next-auth.session-token=a.b=",
    "__Secure-next-auth.session-token.1=c",
    "__Host-next-auth.csrf-token=d%7Ce",
    `${localeCookie}=zh`,
  ].join("; ");
  expect(ownCookies(own)).toBe(own);
  const others = "next-auth.callback-url=x; __Secure-next-auth.callback-url=%00; next-auth.session-tokens=y; other; =";
  expect(ownCookies(others)).toBe("");
  expect(ownCookies(`${others};${own}; ${others}`)).toBe(own);
});
