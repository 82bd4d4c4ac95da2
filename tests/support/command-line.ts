import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs the command line as a person would, on a data folder and a store of the test's own. */
export function commandLine({ data, store }: { data: string; store: string }) {
  return (...args: string[]): Promise<Finished> => {
    const { DATABASE_URL: _, ...env } = process.env;
    return new Promise((done) => {
      execFile(
        process.execPath,
        ["--import", "tsx", "scripts/cli/main.ts", ...args],
        {
          cwd: fileURLToPath(new URL("../..", import.meta.url)),
          env: { ...env, NODEWISE_DATA: data, NODEWISE_STORE: store },
        },
        (error, stdout, stderr) => done({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
      );
    });
  };
}
