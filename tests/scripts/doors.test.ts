import { expect, test } from "vitest";
import { isRouterState } from "@/scripts/lib/router-state.mjs";
import { goOnTo, isSentFromElsewhere } from "@/scripts/lib/sent-from-elsewhere.mjs";

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
