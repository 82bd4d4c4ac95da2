import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

const names = ["echoscu", "storescu"];

const onPath = (name) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** Where the programs of DCMTK are that send as a scanner does: on the path, else Debian's package (as root); null where there is neither. */
export function findDcmtk() {
  if (!names.every(onPath) && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
    const quiet = { stdio: "ignore", env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } };
    try {
      execFileSync("apt-get", ["update", "-qq"], quiet);
      execFileSync("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "dcmtk"], quiet);
    } catch {
      return null;
    }
  }
  const [echoscu, storescu] = names.map(onPath);
  return echoscu && storescu ? { echoscu, storescu } : null;
}
