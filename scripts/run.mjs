// node scripts/run.mjs FILE.ts [ARGS]: the bootstrap of `npm start` (Node version, packages), then the TypeScript file. Nothing of its own on stdout.
import { spawn } from "node:child_process";
import { checkNode, install, isInstalled } from "./lib/install.mjs";
import { step } from "./lib/steps.mjs";

checkNode();
if (!isInstalled()) await step("Installing packages", install, process.stderr);
const child = spawn(process.execPath, ["--import", "tsx", ...process.argv.slice(2)], { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
