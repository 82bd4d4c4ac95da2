import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const alias = { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") };

export default defineConfig({
  resolve: { alias },
  test: {
    // Left to itself vitest keeps a core free: of two that would be half of the machine.
    maxWorkers: availableParallelism(),
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["tests/{app,core,worker,scripts}/**/*.test.ts"],
          exclude: ["tests/worker/**/*.database.test.ts"],
        },
      },
      {
        extends: true,
        test: {
          name: "database",
          include: ["tests/{db,server,blinding}/**/*.test.ts", "tests/worker/**/*.database.test.ts"],
          globalSetup: ["./tests/database.ts"],
          pool: "forks",
        },
      },
    ],
  },
});
