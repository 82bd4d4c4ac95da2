import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { pipeToNodeResponse } from "next/dist/server/pipe-readable.js";
import { describe, expect, test } from "vitest";
import { bodyOf } from "@/server/api/body-of";

/** Bytes without end, or as many pieces as are asked for. */
const file = (pieces = Number.POSITIVE_INFINITY) => {
  let given = 0;
  return new Readable({
    read() {
      this.push(given++ < pieces ? Buffer.alloc(65_536) : null);
    },
  });
};

/** A server that answers with a file as Next does, and what fails outside anybody's reach meanwhile. */
async function serving(stream: Readable, work: (port: number) => Promise<void>): Promise<unknown[]> {
  const uncaught: unknown[] = [];
  const note = (error: unknown) => uncaught.push(error);
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException").on("uncaughtException", note);
  const server = createServer((_, response) => {
    pipeToNodeResponse(bodyOf(stream), response).catch(() => response.destroy());
  });
  try {
    await once(server.listen(0, "127.0.0.1"), "listening");
    await work((server.address() as AddressInfo).port);
    await wait(50);
  } finally {
    process.removeListener("uncaughtException", note);
    for (const other of others) process.on("uncaughtException", other);
    server.closeAllConnections();
    server.close();
  }
  return uncaught;
}

describe("a file on its way out", () => {
  test("arrives whole", async () => {
    const uncaught = await serving(file(40), async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      expect((await answer.arrayBuffer()).byteLength).toBe(40 * 65_536);
    });
    expect(uncaught).toEqual([]);
  });

  test("is read no further once whoever asked is gone, and nothing fails by it", async () => {
    const stream = file();
    const uncaught = await serving(stream, async (port) => {
      const socket = connect({ host: "127.0.0.1", port }).pause();
      socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
      // Until nothing more fits into the connection.
      await once(socket, "connect");
      await wait(300);
      expect(stream.destroyed, "control: it is still read").toBe(false);
      socket.destroy();
      await once(stream, "close");
    });
    expect(stream.destroyed).toBe(true);
    expect(uncaught).toEqual([]);
  });

  test("that fails ends the answer before its end", async () => {
    const stream = file();
    const uncaught = await serving(stream, async (port) => {
      const answer = await fetch(`http://127.0.0.1:${port}/`);
      stream.destroy(new Error("The file is damaged."));
      await expect(answer.arrayBuffer()).rejects.toThrow();
    });
    expect(uncaught).toEqual([]);
  });
});
