import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { S3Place } from "@/server/env";
import { AppError } from "@/server/errors";
import { sha256 } from "@/server/sha256";
import { missing, nameOf, refuseRange, type Source, type Store, verified, writeFlushed } from "./objects";

/** What S3 takes in one request; nothing that is stored here comes near it. */
const largestObject = 5 * 1024 ** 3;
const attempts = 3;

const statusOf = (error: unknown) => (error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined);

/**
 * A store in a bucket: `prefix/ab/abcd...`, as in a folder. Keys come from the usual variables of AWS.
 *
 * A stream is written to a file of the machine first: only at its end is its name known. An upload under another key that is copied
 * afterwards would need twice the requests, a second limit (a copy ends at 5 GB) and a broom for what broke off; with the file at hand the
 * same bytes are never sent twice, a request that failed is sent again, and the server is told the SHA-256 that it has to find.
 */
export function openS3Store({ bucket, prefix, endpoint, region }: S3Place): Store {
  const where = `s3://${[bucket, prefix].filter(Boolean).join("/")}${endpoint ? ` at ${endpoint}` : ""}`;
  const client = new S3Client({
    ...(endpoint && { endpoint, forcePathStyle: true }),
    ...(region ? { region } : endpoint && { region: "us-east-1" }),
    // Trailing checksums, which newer clients send by themselves, are stored as part of the body by some servers. Ours is a header.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    maxAttempts: attempts,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
  });
  const at = (hash: string) => ({
    Bucket: bucket,
    Key: [prefix, nameOf(hash).slice(0, 2), hash].filter(Boolean).join("/"),
  });

  const explained = (error: unknown, hash: string): unknown => {
    if (error instanceof AppError || error instanceof RangeError) return error;
    const status = statusOf(error);
    const name = error instanceof Error ? error.name : "";
    if (name === "NoSuchBucket")
      return new AppError("unavailable", { key: "errors.store_without_bucket", values: { where } });
    // A key that is not known is 404 in some servers.
    if (status === 401 || status === 403 || name === "XAdminUserNotFound")
      return new AppError("unavailable", { key: "errors.store_refuses", values: { name, where } });
    if (status === 404) return missing(hash);
    if (status === 416) return new RangeError(`The stored file ${hash.slice(0, 12)} has fewer bytes than that.`);
    const reason = error instanceof Error ? ("code" in error ? String(error.code) : error.message) : String(error);
    return new AppError("unavailable", { key: "errors.store_silent", values: { reason, where } });
  };
  const asking = async <T>(hash: string, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      throw explained(error, hash);
    }
  };

  /** Null where there is none. */
  const sizeOf = (hash: string) =>
    asking(hash, async () => {
      try {
        return (await client.send(new HeadObjectCommand(at(hash)))).ContentLength ?? 0;
      } catch (error) {
        // The answer to HEAD has no body: a bucket or key that is not known looks the same here, and is told apart by the next request.
        if (statusOf(error) === 404) return null;
        throw error;
      }
    });

  const upload = (hash: string, bytes: number, body: () => Promise<Uint8Array | Readable>) =>
    asking(hash, async () => {
      if (bytes > largestObject)
        throw new AppError("invalid", { key: "errors.store_limit", values: { gigabytes: Math.ceil(bytes / 1e9) } });
      for (let attempt = 1; ; attempt++) {
        const Body = await body();
        const ChecksumSHA256 = Buffer.from(hash, "hex").toString("base64");
        try {
          await client.send(new PutObjectCommand({ ...at(hash), Body, ContentLength: bytes, ChecksumSHA256 }));
          return;
        } catch (error) {
          // What the client does by itself, but for streams, which it cannot read again.
          const status = statusOf(error);
          if (Body instanceof Uint8Array || attempt === attempts || (status !== undefined && status < 500)) throw error;
        } finally {
          if (Body instanceof Readable) Body.destroy();
        }
      }
    });

  const fetched = (hash: string, Range?: string) =>
    asking(hash, async () => {
      const { Body, ContentLength } = await client.send(new GetObjectCommand({ ...at(hash), ...(Range && { Range }) }));
      if (!(Body instanceof Readable) || ContentLength === undefined)
        throw new AppError("unavailable", { key: "errors.store_without_length", values: { where } });
      return { stream: Body, bytes: ContentLength };
    });

  const putStream = async (source: Source) => {
    const folder = await mkdtemp(join(tmpdir(), "nodewise-upload-"));
    try {
      const path = join(folder, "object");
      const stored = await writeFlushed(path, source);
      if ((await sizeOf(stored.sha256)) !== stored.bytes)
        await upload(stored.sha256, stored.bytes, async () => (await open(path)).createReadStream());
      return stored;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };

  return {
    async put(source) {
      if (!(source instanceof Uint8Array)) return putStream(source);
      const known = { sha256: sha256(source), bytes: source.length };
      if ((await sizeOf(known.sha256)) !== known.bytes) await upload(known.sha256, known.bytes, async () => source);
      return known;
    },
    async get(hash) {
      const { stream, bytes } = await fetched(hash);
      return { bytes, stream: verified(hash, stream) };
    },
    async range(hash, start, end) {
      refuseRange(start, end);
      return fetched(hash, `bytes=${start}-${end - 1}`);
    },
    has: async (hash) => (await sizeOf(hash)) !== null,
    async delete(hash) {
      await asking(hash, () => client.send(new DeleteObjectCommand(at(hash))));
    },
  };
}
