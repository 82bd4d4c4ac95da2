import { randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const names = ["superuser", "owner", "web", "worker", "actor", "session"] as const;
export type Secrets = Record<(typeof names)[number], string>;

/** The passwords and keys of a data folder: drawn once, kept in `secrets.json`, readable by this user only. */
export function loadSecrets(dataDir: string): Secrets {
  const path = join(dataDir, "secrets.json");
  if (!existsSync(path)) {
    mkdirSync(dataDir, { recursive: true });
    const drawn = Object.fromEntries(names.map((name) => [name, randomBytes(32).toString("hex")]));
    const temporary = `${path}.${process.pid}`;
    writeFileSync(temporary, `${JSON.stringify(drawn, null, 2)}\n`, { mode: 0o600 });
    try {
      linkSync(temporary, path);
    } catch {
      // Another process was first: its secrets count.
    }
    unlinkSync(temporary);
  }
  const secrets: Partial<Secrets> = JSON.parse(readFileSync(path, "utf8"));
  const missing = names.filter((name) => typeof secrets[name] !== "string");
  if (missing.length > 0)
    throw new Error(
      `${path} lacks ${missing.join(", ")}. Restore it from a backup: without it the database cannot be opened.`,
    );
  return secrets as Secrets;
}
