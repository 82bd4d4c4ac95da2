import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { storePlaceOf } from "@/server/env";
import { checkStore, openStore, readObject, type Store } from "@/server/store";

const root = mkdtempSync(join(tmpdir(), "nodewise-store-test-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folder: string;
let store: Store;
let folders = 0;
beforeEach(async () => {
  folder = join(root, String(++folders));
  store = await openStore({ folder });
});

/** Every file below the folder, by its path in it. */
const files = () =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => statSync(join(folder, path)).isFile());
const hashOf = (content: Uint8Array | string) => createHash("sha256").update(content).digest("hex");
async function* pieces(...parts: string[]) {
  for (const part of parts) yield Buffer.from(part);
}
const putProcess = ["--import", "tsx", "tests/support/put-process.ts"];

describe("a store in a folder", () => {
  test("is open to its own user alone, also one that an installation of before left open", async () => {
    const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
    mkdirSync(folder, { mode: 0o755 });
    const { sha256 } = await store.put(Buffer.from("a node"));
    for (const inside of ["", "incoming", sha256.slice(0, 2)]) expect(modeOf(join(folder, inside)), inside).toBe("700");
    expect(modeOf(join(folder, sha256.slice(0, 2), sha256))).toBe("600");
  });

  test("names bytes and streams by their SHA-256 and gives them back; the same bytes again are one file", async () => {
    const name = hashOf("a node");
    expect(await store.put(Buffer.from("a node"))).toEqual({ sha256: name, bytes: 6 });
    expect(await store.put(pieces("a ", "no", "de"))).toEqual({ sha256: name, bytes: 6 });
    expect(files()).toEqual([join(name.slice(0, 2), name)]);
    const { stream, bytes } = await store.get(name);
    expect([bytes, await text(stream)]).toEqual([6, "a node"]);
    expect(await store.put(Buffer.alloc(0))).toEqual({ sha256: hashOf(""), bytes: 0 });
    expect(await readObject(hashOf(""), { limit: 0 }, store)).toHaveLength(0);
  });

  test("gives a part, up to its end, and no part that there is not", async () => {
    const { sha256 } = await store.put(Buffer.from("0123456789"));
    const part = async (start: number, end: number) => text((await store.range(sha256, start, end)).stream);
    expect(await part(0, 10)).toBe("0123456789");
    expect(await part(3, 5)).toBe("34");
    expect(await part(8, 99)).toBe("89");
    await expect(part(10, 11)).rejects.toThrow(RangeError);
    await expect(part(5, 5)).rejects.toThrow(RangeError);
    await expect(part(-1, 5)).rejects.toThrow(RangeError);
  });

  test("knows what it holds; what was removed, or never there, is missing by name", async () => {
    const { sha256 } = await store.put(Buffer.from("gone soon"));
    expect(await store.has(sha256)).toBe(true);
    await store.delete(sha256);
    await store.delete(sha256);
    expect(await store.has(sha256)).toBe(false);
    await expect(store.get(sha256)).rejects.toMatchObject({ code: "unavailable", message: /missing.*backup/ });
    await expect(store.get("../secrets.json")).rejects.toMatchObject({ code: "invalid" });
  });

  test("never gives a damaged object whole, and no large one to who wants a small one", async () => {
    const content = Buffer.alloc(300_000, "x");
    const { sha256 } = await store.put(content);
    expect((await readObject(sha256, { limit: 300_000 }, store)).equals(content)).toBe(true);
    await expect(readObject(sha256, { limit: 299_999 }, store)).rejects.toThrow(/more than the/);

    writeFileSync(join(folder, sha256.slice(0, 2), sha256), Buffer.alloc(300_000, "y"));
    await expect(readObject(sha256, { limit: 300_000 }, store)).rejects.toThrow(
      /damaged: its SHA-256 no longer matches/,
    );
    const { stream } = await store.get(sha256);
    let received = 0;
    const reading = (async () => {
      for await (const chunk of stream) received += chunk.length;
    })();
    await expect(reading).rejects.toThrow(/damaged/);
    expect(received).toBeLessThan(300_000);
  });

  test("writes a damaged object anew when its bytes come again", async () => {
    const content = Buffer.from("as it was");
    const { sha256 } = await store.put(content);
    writeFileSync(join(folder, sha256.slice(0, 2), sha256), "as it is.");
    await expect(readObject(sha256, { limit: 100 }, store)).rejects.toThrow(/damaged/);
    await store.put(content);
    expect((await readObject(sha256, { limit: 100 }, store)).equals(content)).toBe(true);
  });

  test("calls an object missing only where there is none, and says why another cannot be read", async () => {
    const name = hashOf("never stored");
    await expect(store.get(name)).rejects.toThrow(/missing/);
    mkdirSync(folder);
    writeFileSync(join(folder, name.slice(0, 2)), "");
    for (const asked of [store.get(name), store.range(name, 0, 1), store.has(name)])
      await expect(asked).rejects.toThrow(/folder of the store, .*, cannot be read \(ENOTDIR\)/);
  });

  test("is rid, when it is opened, of what a killed process left a day ago, and of nothing younger", async () => {
    const incoming = join(folder, "incoming");
    mkdirSync(incoming, { recursive: true });
    for (const [name, hours] of [
      ["old", 25],
      ["young", 23],
    ] as const) {
      const then = Date.now() / 1000 - hours * 3600;
      writeFileSync(join(incoming, name), "half an object");
      utimesSync(join(incoming, name), then, then);
    }
    await openStore({ folder });
    expect(readdirSync(incoming)).toEqual(["young"]);
  });

  test("keeps nothing of a stream that fails", async () => {
    async function* failing() {
      yield Buffer.from("the beginning");
      throw new Error("the upload broke off");
    }
    await expect(store.put(failing())).rejects.toThrow("the upload broke off");
    expect(files()).toEqual([]);
  });

  test("that is killed while it writes has no half object, and takes the same stream afterwards", async () => {
    const child = spawn(process.execPath, [...putProcess, folder, "100000"], { stdio: "ignore" });
    const incoming = join(folder, "incoming");
    const isWriting = () =>
      existsSync(incoming) && readdirSync(incoming).some((name) => statSync(join(incoming, name)).size > 20e6);
    while (!isWriting()) await pause(10);
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
    const objects = files().filter((path) => !path.startsWith("incoming"));
    // The small put before the large one.
    expect(objects).toHaveLength(1);
    for (const path of objects)
      expect(path.slice(3)).toBe(hashOf(await buffer((await store.get(path.slice(3))).stream)));
  });

  test("takes a stream of 256 MB with memory that does not grow with it", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [...putProcess, folder, "256"]);
    const stored = JSON.parse(stdout);
    expect(stored.bytes).toBe(256e6);
    expect(stored.grownMb).toBeLessThan(64);
    const { stream } = await store.get(stored.sha256);
    let bytes = 0;
    for await (const chunk of stream) bytes += chunk.length;
    expect(bytes).toBe(256e6);
  });

  test("is tried when a process starts, and what is wrong with it is said", async () => {
    await checkStore(store);
    const taken = join(root, "a-file");
    writeFileSync(taken, "");
    await expect(checkStore(await openStore({ folder: taken }))).rejects.toThrow(
      /folder of the store, .*a-file, cannot be written \(ENOTDIR\).*NODEWISE_STORE/,
    );
  });
});

describe("NODEWISE_STORE", () => {
  test("is a folder or a bucket", () => {
    mkdirSync(join(root, "here"), { recursive: true });
    expect(storePlaceOf("/data/store")).toEqual({ folder: "/data/store" });
    expect(storePlaceOf("s3://studies")).toEqual({ bucket: "studies", prefix: "" });
    expect(storePlaceOf("s3://studies/node/wise/?endpoint=http://127.0.0.1:7070&region=eu-central-1")).toEqual({
      bucket: "studies",
      prefix: "node/wise",
      endpoint: "http://127.0.0.1:7070",
      region: "eu-central-1",
    });
  });

  test.each([
    "",
    "https://studies.s3.example",
    "s3://",
    "s3://key:secret@studies",
    "s3://studies?acl=public",
    "s3://studies?endpoint=https://key:secret@minio.example",
    "s3://studies?endpoint=https%3A%2F%2Fkey%3Asecret%40minio.example",
    "s3://studies?endpoint=https://secret@minio.example",
    "s3://studies?endpoint=https://minio.example/%3Ftoken=secret",
    "s3://studies?endpoint=https://minio.example/%23secret",
    "s3://studies?endpoint=https://minio.example/#secret",
    "s3://studies?endpoint=elsewhere",
    "s3://studies/a b",
  ])("is refused with what it should be: %s", (value) => {
    expect(() => storePlaceOf(value)).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/^NODEWISE_STORE must be a folder, or s3:(?!.*key:secret|.*token)/),
      }),
    );
  });
});
