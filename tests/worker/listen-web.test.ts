import { EventEmitter, once } from "node:events";
import http from "node:http";
import net from "node:net";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Received } from "@/server/services/inbox/receive-images";
import { slice } from "@/tests/support/dicom";
import { boundary, multipart, post, related } from "@/tests/support/stow";
import { listenWeb } from "@/worker/dicom/listen-web";
import { MalformedBody, partsOf, TooLarge } from "@/worker/dicom/parts";

/*
 * STOW-RS without a database: what is asked of a sender, and what bodies may be. `receive-web.database.test.ts` is where images come in.
 */

const token = "a-token-of-this-site-of-32-letters-and-more";
let taken: Uint8Array[];
let take: (file: Uint8Array) => Promise<Received>;
let begun: number;
let ended: number;
let lines: string[];
let listening: Awaited<ReturnType<typeof listenWeb>>;
let to: { port: number; token: string };

beforeEach(async () => {
  taken = [];
  begun = 0;
  ended = 0;
  lines = [];
  take = async (file) => {
    taken.push(file);
    return { outcome: "accepted", reason: null };
  };
  const note = (...line: unknown[]) => lines.push(JSON.stringify(line));
  listening = await listenWeb(
    { address: "127.0.0.1", port: 0 },
    {
      token,
      log: { info: note, warn: note, error: note },
      begin: () => {
        begun++;
        return {
          take: (file) => take(file),
          end: async () => {
            ended++;
          },
        };
      },
    },
  );
  to = { port: listening.port, token };
});
afterEach(() => listening.close());

const image = (n: number, changes: Record<string, unknown> = {}) => slice({ SOPInstanceUID: `1.2.3.${n}`, ...changes });
const part = (bytes: Uint8Array | string, header = "Content-Type: application/dicom") =>
  Buffer.concat([Buffer.from(`--${boundary}\r\n${header}\r\n\r\n`), Buffer.from(bytes), Buffer.from("\r\n")]);
const close = Buffer.from(`--${boundary}--`);

describe("a sender", () => {
  test("that shows no token, another one or the beginning of it is told nothing, wherever it asks; with the token it is heard", async () => {
    for (const wrong of [undefined, "", token.slice(0, -1), `${token}x`, token.toUpperCase()])
      for (const path of ["/studies", "/studies/1.2", "/"]) {
        const answer = await post({ ...to, token: wrong }, multipart([image(1)]), { path });
        expect(answer).toMatchObject({ status: 401, text: "" });
        expect(answer.headers["www-authenticate"]).toBe('Bearer realm="nodewise"');
      }
    const basic = { Authorization: `Basic ${Buffer.from(`x:${token}`).toString("base64")}` };
    expect(await post({ port: to.port }, multipart([image(1)]), { headers: basic })).toMatchObject({ status: 401 });
    expect(taken).toEqual([]);
    expect(await post(to, multipart([image(1)]))).toMatchObject({ status: 200, stored: ["1.2.3.1"] });
    expect(taken).toHaveLength(1);
    expect(lines.join()).not.toContain(token);
  });

  test("that waits to be told to go on sends its images only when it may", async () => {
    const asking = async (shown: string) => {
      const request = http.request({
        ...{ host: "127.0.0.1", port: to.port, path: "/studies", method: "POST", agent: false },
        headers: { "Content-Type": related, Authorization: `Bearer ${shown}`, Expect: "100-continue" },
      });
      request.on("error", () => {});
      request.flushHeaders();
      const first = await Promise.race([
        once(request, "continue").then(() => "go on"),
        once(request, "response").then(([response]: http.IncomingMessage[]) => response?.statusCode),
      ]);
      request.destroy();
      return first;
    };
    expect(await asking("x".repeat(40))).toBe(401);
    expect(await asking(token)).toBe("go on");
  });

  test.each([
    ["another method", { method: "PUT" }, 405],
    ["another address", { path: "/series" }, 404],
    ["a study that is none", { path: "/studies/abc" }, 404],
    ["a part's type", { type: "application/dicom" }, 415],
    ["metadata as JSON", { type: related.replace("application/dicom", "application/dicom+json") }, 415],
    ["a form", { type: `multipart/form-data; boundary=${boundary}` }, 415],
    ["no type within", { type: `multipart/related; boundary=${boundary}` }, 415],
    ["a zipped body", { headers: { "Content-Encoding": "gzip" } }, 415],
    ["no boundary", { type: 'multipart/related; type="application/dicom"' }, 400],
    ["a boundary of 71 letters", { type: related.replace(boundary, "b".repeat(71)) }, 400],
    ["a boundary with a line in it", { type: related.replace(boundary, '"a\tb"') }, 400],
  ])("of %s is told what is taken, in both languages, and nothing is taken", async (_, request, status) => {
    const answer = await post(to, multipart([image(1)]), request);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(/[a-z]/);
    expect(answer.text).toMatch(/\p{Script=Han}/u);
    expect(taken).toEqual([]);
    expect(begun).toBe(0);
  });
});

describe("the answer", () => {
  test("names what was stored, with the warning that it is not stored as it came, and what was not, with why", async () => {
    take = async (file) =>
      Buffer.from(file).includes("1.2.3.2")
        ? { outcome: "refused", reason: { key: "errors.database.consent_withdrawn", values: { subject: "S-1" } } }
        : { outcome: "held", reason: { key: "dicom.held.other_patient" } };
    const answer = await post(to, multipart([image(1), image(2)]));
    expect(answer.headers["content-type"]).toBe("application/dicom+json");
    expect(answer.status).toBe(202);
    const mr = { vr: "UI", Value: ["1.2.840.10008.5.1.4.1.1.4"] };
    expect(JSON.parse(answer.text)).toEqual({
      "00081190": { vr: "UR" },
      "00081198": {
        vr: "SQ",
        Value: [
          {
            "00081150": mr,
            "00081155": { vr: "UI", Value: ["1.2.3.2"] },
            "00000902": { vr: "LO", Value: ["Consent was withdrawn: no image is taken"] },
            "00081197": { vr: "US", Value: [0xc000] },
          },
        ],
      },
      "00081199": {
        vr: "SQ",
        Value: [
          {
            "00081150": mr,
            "00081155": { vr: "UI", Value: ["1.2.3.1"] },
            "00081190": { vr: "UR" },
            "00081196": { vr: "US", Value: [0xb000] },
          },
        ],
      },
    });
    expect(ended).toBe(1);
  });

  test("is a conflict where nothing was stored", async () => {
    take = async () => ({
      outcome: "refused",
      reason: { key: "dicom.refused.transfer_syntax", values: { uid: "1.2" } },
    });
    expect(await post(to, multipart([image(1)]))).toMatchObject({ status: 409, failed: ["1.2.3.1 c122"] });
  });

  test("of an image of another study than the address names is that it was not taken; the one beside it is", async () => {
    const answer = await post(to, multipart([image(1), image(2, { StudyInstanceUID: "1.2.77" })]), {
      path: "/studies/1.2",
    });
    expect(answer).toMatchObject({ status: 202, stored: ["1.2.3.1"], failed: ["1.2.3.2 c409"] });
    expect(taken).toHaveLength(1);
  });

  test("keeps what was stored before where storing fails, asks to come again, and tells nothing of the failure", async () => {
    const works = take;
    take = (file) => (taken.length === 2 ? Promise.reject(new Error("Sun^Patient on disk 7")) : works(file));
    const answer = await post(to, multipart([image(1), image(2), image(3), image(4)]));
    expect(answer).toMatchObject({ status: 503, stored: ["1.2.3.1", "1.2.3.2"], failed: ["1.2.3.3 a700"] });
    expect(answer.headers["retry-after"]).toBe("60");
    expect(answer.text + lines.join()).not.toContain("Sun");
    take = works;
    expect(await post(to, multipart([image(3), image(4)]))).toMatchObject({ status: 200 });
  });
});

describe("a body", () => {
  test("in which a part is no image, of another kind, a body of parts itself or empty is taken but for that part", async () => {
    const inner = part(image(9)).toString("latin1").replaceAll(boundary, "INNER");
    const odd = [
      part("no image"),
      part(image(5), "Content-Type: text/plain"),
      part(Buffer.from(inner, "latin1"), "Content-Type: multipart/related; boundary=INNER"),
      part(""),
      Buffer.concat([Buffer.from(`--${boundary}\r\n\r\n`), image(6), Buffer.from("\r\n")]),
    ];
    take = async (file) =>
      file.length > 200
        ? { outcome: "accepted", reason: null }
        : { outcome: "refused", reason: { key: "dicom.refused.not_dicom" } };
    const answer = await post(to, Buffer.concat([part(image(1)), ...odd, part(image(2)), close]));
    expect(answer).toMatchObject({ status: 202, stored: ["1.2.3.1", "1.2.3.2"] });
    expect(answer.failed).toEqual(odd.map(() => "? c000"));
  });

  test("with blank lines and words around its parts, blanks behind a boundary, or a lie about a part's length is taken whole", async () => {
    const lie = part(
      image(2),
      "content-length: 3\r\nCONTENT-TYPE:application/dicom;\r\n transfer-syntax=1.2.840.10008.1.2.1",
    );
    const padded = Buffer.from(`--${boundary} \t\r\nContent-Type: application/dicom\r\n\r\n`);
    const body = [
      Buffer.from("\r\nThis is a preamble.\r\n"),
      part(image(1)),
      lie,
      ...[padded, image(3), Buffer.from("\r\n")],
      ...[close, Buffer.from("\r\nThis is an epilogue.\r\n")],
    ];
    const answer = await post(to, Buffer.concat(body));
    expect(answer).toMatchObject({ status: 200, stored: ["1.2.3.1", "1.2.3.2", "1.2.3.3"] });
    expect(taken.map((file) => Buffer.from(file).equals(image(taken.indexOf(file) + 1)))).toEqual([true, true, true]);
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["a close without a part", close],
    ["no boundary at all", Buffer.from("x".repeat(100))],
    ["an end in the middle of a part", part(image(2)).subarray(0, 300)],
    ["no close", part(image(2))],
    ["a boundary that goes on", Buffer.concat([part(image(2)), Buffer.from(`--${boundary}X\r\n\r\n`), close])],
    ["a header that is none", Buffer.concat([part(image(2), "Content-Type application/dicom"), close])],
    [
      "two types of a part",
      Buffer.concat([part(image(2), "Content-Type: a/b\r\nContent-Type: application/dicom"), close]),
    ],
  ])("with %s is told to be malformed; what was whole before it is told as stored", async (what, body) => {
    expect(await post(to, body)).toMatchObject({ status: 400 });
    const before = taken.length;
    // A preamble would be none behind a part.
    if (["nothing", "a close without a part", "no boundary at all"].includes(what)) return expect(before).toBe(0);
    expect(await post(to, Buffer.concat([part(image(1)), body]))).toMatchObject({ status: 400 });
    expect(Buffer.from(taken[before] ?? []).equals(image(1))).toBe(true);
  });

  test("that begins with endless words, whose header never ends, or whose boundary is followed by endless blanks is left soon", async () => {
    async function* endless(start: string): AsyncGenerator<Uint8Array> {
      yield Buffer.from(start);
      for (;;) yield Buffer.alloc(16_384, " ");
    }
    for (const start of ["", `--${boundary}\r\nContent-Type: application/dicom\r\nX: `, `--${boundary}`]) {
      const answer = await post(to, endless(start)).catch(() => ({ status: 413 }));
      expect(answer.status).toBe(413);
    }
    expect(taken).toEqual([]);
    expect(await post(to, multipart([image(1)]))).toMatchObject({ status: 200 });
  });

  test("that lies about its own length takes nothing that is not whole, and the next sender is answered", async () => {
    const whole = Buffer.concat([part(image(1)), part(image(2)), close]);
    const head = (length: number) =>
      `POST /studies HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: ${related}\r\nContent-Length: ${length}\r\n\r\n`;
    const shorter = net.connect(to.port, "127.0.0.1");
    shorter.write(Buffer.concat([Buffer.from(head(part(image(1)).length + 40)), whole]));
    const [first] = (await once(shorter, "data")) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 400 /);
    shorter.destroy();
    expect(taken).toHaveLength(1);
    const longer = net.connect(to.port, "127.0.0.1");
    longer.write(Buffer.concat([Buffer.from(head(2 * whole.length)), whole.subarray(0, -close.length)]));
    const seen = new EventEmitter();
    const works = take;
    take = (file) => works(file).finally(() => seen.emit("taken"));
    await once(seen, "taken");
    longer.destroy();
    expect(await post(to, multipart([image(3)]))).toMatchObject({ status: 200 });
    // The second image had its boundary not yet, or had it: never half of it.
    const files = taken.map((file) => [1, 2, 3].find((n) => Buffer.from(file).equals(image(n))));
    expect(files).not.toContain(undefined);
  });

  test("of 5,000 images is taken one at a time: no more is asked for than is stored, and memory stays where it was", async () => {
    const pixels = new Uint8Array(2 * 320 * 320).fill(7);
    const [file, images] = [image(1, { Rows: 320, Columns: 320, PixelData: pixels }), 5000];
    let sent = 0;
    let stored = 0;
    let furthest = 0;
    let most = 0;
    take = async () => {
      furthest = Math.max(furthest, sent - stored);
      if (++stored % 50 === 0) {
        most = Math.max(most, process.memoryUsage().rss);
        await new Promise((done) => setImmediate(done));
      }
      return { outcome: "accepted", reason: null };
    };
    async function* files() {
      for (; sent < images; sent++) yield file;
    }
    const before = process.memoryUsage().rss;
    const answer = await post(to, multipart(files()));
    expect(answer.status).toBe(200);
    expect(answer.stored).toHaveLength(images);
    // Buffers of the two sockets hold some.
    expect(furthest).toBeLessThan(100);
    // A gigabyte went through.
    expect((most - before) / 1024 ** 2).toBeLessThan(200);
  });
});

describe("parts", () => {
  async function* inPieces(body: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
    for (let at = 0, n = 0; at < body.length; n++) {
      const length = cuts[n % cuts.length] ?? 1;
      yield Buffer.from(body.subarray(at, at + length));
      at += length;
    }
  }
  const read = async (body: Buffer, cuts: readonly number[], longest = 1e6) => {
    const parts: string[] = [];
    for await (const { bytes } of partsOf(inPieces(body, cuts), boundary, { longest, keep: () => {} }))
      parts.push(Buffer.from(bytes).toString("latin1"));
    return parts;
  };

  test("come out as they went in, however the body is cut and whatever of a boundary they hold", async () => {
    const piece = fc.constantFrom(
      "\r\n",
      "\r",
      "\n",
      "--",
      "-",
      boundary,
      boundary.slice(0, 4),
      `\r\n--${boundary.slice(0, -1)}`,
      "\0",
      "é",
      " ",
    );
    const content = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
    await fc.assert(
      fc.asyncProperty(
        fc.array(content, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 6 }),
        async (parts, cuts) => {
          // No part may hold the whole boundary at the beginning of a line.
          fc.pre(parts.every((each) => !`\r\n${each}`.includes(`\r\n--${boundary}`)));
          const body = Buffer.concat([...parts.map((each) => part(Buffer.from(each, "latin1"))), close]);
          expect(await read(body, cuts)).toEqual(parts);
        },
      ),
      { numRuns: 300 },
    );
  });

  test("that are long come whole, and one that is longer than may be does not come", async () => {
    const long = "ab".repeat(700_000);
    const body = Buffer.concat([part("short"), part(long), part("short"), close]);
    expect(await read(body, [60_000], long.length)).toEqual(["short", long, "short"]);
    await expect(read(body, [60_000], long.length - 1)).rejects.toThrow(TooLarge);
    await expect(read(body.subarray(0, -close.length), [60_000], long.length)).rejects.toThrow(MalformedBody);
  });
});
