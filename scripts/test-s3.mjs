// `npm run test:s3`: the store against a real S3 server. Builds the server once, from the Go module proxy into the user's cache (about two
// minutes of one core, 45 MB); afterwards `npm test` runs these tests, too.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/install.mjs";
import { gateway } from "./lib/s3-gateway.mjs";
import { fail } from "./lib/steps.mjs";

if (!existsSync(gateway.program)) {
  process.stdout.write("Building the S3 server once; this takes two or three minutes.\n");
  const { error, status } = spawnSync("go", ["install", "-trimpath", "-ldflags", "-s -w", gateway.module], {
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=mod", GOBIN: gateway.folder },
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (error) fail("The S3 server needs Go 1.26 or later to be built. Install Go and try again.");
  if (status !== 0) fail("The S3 server could not be built; the lines above say why.");
}
const vitest = join(root, "node_modules/vitest/vitest.mjs");
const { status } = spawnSync(
  process.execPath,
  [vitest, "run", "--project", "database", "tests/server/store-s3.test.ts"],
  {
    cwd: root,
    stdio: "inherit",
  },
);
process.exitCode = status ?? 1;
