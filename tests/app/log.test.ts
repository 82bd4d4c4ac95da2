import ts from "typescript";
import { expect, test } from "vitest";
import { nodesOf, parse, placeOf, sourcesOf } from "./source";

/** Where a file writes into the log by itself. */
const writesIn = (file: ts.SourceFile): string[] =>
  [...nodesOf(file)].flatMap((node) =>
    ts.isCallExpression(node) && /^console\.|^process\.std(out|err)\.write$/.test(node.expression.getText())
      ? placeOf(node).replace(/:\d+$/, "")
      : [],
  );

test("what goes into the log or onto a terminal goes through what makes one line of it", () => {
  const folders = ["app", "core", "server", "worker", "scripts/cli"];
  expect(new Set(folders.flatMap((folder) => sourcesOf(folder).flatMap(writesIn)))).toEqual(
    new Set([
      "server/log.ts",
      "server/decoding/decode-process.ts", // pixels, and why there are none: to the process that asked, which makes one line of it
      "worker/main.ts", // the lines of pino
      "scripts/cli/commands/receive-dicom.ts", // the same
      "scripts/cli/terminal.ts",
      "scripts/cli/run-command.ts", // results, as JSON
      "scripts/cli/main.ts", // what is wrong with the words of a command
    ]),
  );
});

test("a line that goes past it would be found", () => {
  expect(writesIn(parse("page.tsx", "console.error(error.stack); process.stderr.write(name);"))).toEqual([
    "page.tsx",
    "page.tsx",
  ]);
});
