import { execFile } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkStore, openStore, readObject, type Store } from "@/server/store";
import { startS3Server, whyNoS3Server } from "@/tests/support/s3-server";

const reason = whyNoS3Server();

describe.skipIf(reason)(`a store in S3${reason ? ` (${reason})` : ""}`, () => {
  let server: Awaited<ReturnType<typeof startS3Server>>;
  beforeAll(async () => {
    server = await startS3Server();
  });
  afterAll(() => server.stop());

  /** The client takes the keys from the environment when the store first asks for something. */
  async function open(keys: { id?: string; secret?: string; bucket?: string; endpoint?: string } = {}): Promise<Store> {
    const { id = server.keys.id, secret = server.keys.secret, ...place } = keys;
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret });
    return openStore({ bucket: server.bucket, prefix: "node/wise", endpoint: server.endpoint, ...place });
  }
  const objects = () => {
    const folder = join(server.folder, server.bucket);
    return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (path) => path.startsWith("node") && statSync(join(folder, path)).isFile(),
    );
  };
  async function* pieces(...parts: string[]) {
    for (const part of parts) yield Buffer.from(part);
  }

  test("takes bytes and streams, gives them whole and in parts, and removes them", async () => {
    const store = await open();
    await checkStore(store);
    const { sha256 } = await store.put(Buffer.from("0123456789"));
    expect(await store.put(pieces("01234", "56789"))).toEqual({ sha256, bytes: 10 });
    expect(objects().filter((path) => path.endsWith(sha256))).toEqual([`node/wise/${sha256.slice(0, 2)}/${sha256}`]);
    expect(await readObject(sha256, { limit: 10 }, store)).toEqual(Buffer.from("0123456789"));
    const part = async (start: number, end: number) => text((await store.range(sha256, start, end)).stream);
    expect(await part(3, 5)).toBe("34");
    expect(await part(8, 99)).toBe("89");
    await expect(part(10, 11)).rejects.toThrow(RangeError);
    expect(await store.has(sha256)).toBe(true);
    await store.delete(sha256);
    await store.delete(sha256);
    expect(await store.has(sha256)).toBe(false);
    await expect(store.get(sha256)).rejects.toMatchObject({ code: "unavailable", message: /missing.*backup/ });
  });

  test("streams 100 MB to the same bytes with memory that does not grow with it", async () => {
    await open();
    const place = `s3://${server.bucket}/node/wise?endpoint=${server.endpoint}`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...["--import", "tsx", "tests/support/put-process.ts"],
      ...[place, "100"],
    ]);
    const stored = JSON.parse(stdout);
    expect(stored).toMatchObject({ bytes: 100e6 });
    expect(stored.grownMb).toBeLessThan(64);
    const { stream } = await (await open()).get(stored.sha256);
    let bytes = 0;
    for await (const chunk of stream) bytes += chunk.length;
    expect(bytes).toBe(100e6);
  });

  test.each([
    ["a wrong secret", { secret: "another-secret-1234" }, /refuses the access key/],
    ["a key that nobody has", { id: "nobody" }, /refuses the access key/],
    ["a bucket that is not there", { bucket: "elsewhere" }, /no such bucket: s3:\/\/elsewhere/],
    ["a server that does not answer", { endpoint: "http://127.0.0.1:9" }, /does not answer \(ECONNREFUSED\)/],
  ])("%s is said before anything starts, without the secret", async (_, wrong, message) => {
    const failure = await checkStore(await open(wrong)).catch((error: Error) => error);
    expect(failure).toMatchObject({ code: "unavailable", message: expect.stringMatching(message) });
    expect(String(failure)).not.toMatch(/secret-1234/);
    await checkStore(await open());
  });
});
