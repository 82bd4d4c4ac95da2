import { expect, test } from "vitest";
import { answerOf, startOf } from "@/core/stats/design/typed-design";
import { sayIn } from "@/core/words";
import { commandLine } from "@/tests/support/command-line";

// Nothing is installed there, and nothing is to be.
const nodewise = commandLine({ data: "/nowhere/data", store: "/nowhere/objects" });
const start = startOf({ primary: null, readers: 4 });

test("a design is answered from the command line with the numbers and sentences of the page, without a database", async () => {
  const typed = {
    ...start,
    kind: "network" as const,
    readersAre: "random" as const,
    values: { ...start.values, margin: "0.05", readers: "6" },
  };
  const answer = answerOf(typed);
  if (answer.kind !== "found") throw new Error(answer.kind);
  const given = ["--kind", "network", "--readers-are", "random", "--margin", "0.05", "--readers", "6"];
  for (const locale of ["en", "zh"] as const) {
    const { code, stdout, stderr } = await nodewise("--lang", locale, "design", ...given, "--json");
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ design: typed, ...answer });
    const say = sayIn(locale);
    const whole = new Intl.NumberFormat(locale).format;
    const { patients, nodes, images, power } = answer;
    const needed = { patients: whole(patients), nodes: whole(nodes), images: whole(images) };
    const percent = (100 * power).toFixed(1);
    expect(stderr).toContain(say({ key: "design.result.needed", values: { ...needed, percent } }));
    expect(stderr).toContain(say({ key: "design.result.method" }));
    expect(stderr).toContain(say({ key: "design.field.readerSpread" }));
    // What does not count in this design is not told.
    expect(stderr).not.toContain(say({ key: "design.field.sameReader" }));
  }
});

test("the plan of a protocol is where it starts from", async () => {
  const { stdout } = await nodewise("design", "--protocol", "protocols/demonstration.yaml", "--json");
  const { design } = JSON.parse(stdout);
  expect(design).toMatchObject({ kind: "network", values: { readers: "2" } });
});

test("options without a number in their range are refused by name, and what no study can show is said", async () => {
  const refused = await nodewise("design", "--between-readers", "1.2", "--icc", "x");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("--between-readers: Enter a number from 0 to 0.99");
  expect(refused.stderr).toContain("--icc: Enter a number from 0 to 1");
  const same = await nodewise("design", "--first", "0.8", "--second", "0.8", "--json");
  expect(JSON.parse(same.stdout).kind).toBe("nothing");
  expect(same.stderr).toContain("No difference is expected");
});
