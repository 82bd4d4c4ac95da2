import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

/** A listener, a sender of an association and then of a command with an element (0000,0100) of more bytes than there are, and one that asks whether anybody is there. */
const script = `
import net from "node:net";
import { listen } from "@/worker/dicom/listen";
const log = { info() {}, warn() {}, error() {} };
const begin = () => ({ take: async () => ({ outcome: "accepted", reason: null }), end: async () => {} });
const { port } = await listen({ address: "127.0.0.1", port: 0 }, { title: "NODEWISE", senders: ["SCANNER"], begin, log });
const long = (n) => { const bytes = Buffer.alloc(4); bytes.writeUInt32BE(n); return bytes; };
const pdu = (type, ...parts) => { const body = Buffer.concat(parts); return Buffer.concat([Buffer.from([type, 0]), long(body.length), body]); };
const item = (type, ...parts) => { const body = Buffer.concat(parts); return Buffer.concat([Buffer.from([type, 0, body.length >> 8, body.length & 255]), body]); };
const text = (of, length = of.length) => Buffer.from(of.padEnd(length));
const context = item(0x20, Buffer.from([1, 0, 0, 0]), item(0x30, text("1.2.840.10008.5.1.4.1.1.4")), item(0x40, text("1.2.840.10008.1.2")));
const user = item(0x50, item(0x51, long(16384)), item(0x52, text("1.2.3")));
const asks = pdu(1, Buffer.from([0, 1, 0, 0]), text("NODEWISE", 16), text("SCANNER", 16), Buffer.alloc(32), item(0x10, text("1.2.840.10008.3.1.1.1")), context, user);
const accepted = async () => {
  const socket = net.connect(port, "127.0.0.1", () => socket.write(asks));
  const answer = await new Promise((done) => socket.once("data", done));
  return { socket, answer };
};
const { socket } = await accepted();
const broken = Buffer.from([0, 0, 0, 1, 0xf0, 0xff, 0xff, 0xff, 1, 0]);
socket.write(pdu(4, long(broken.length + 2), Buffer.from([1, 3]), broken));
await new Promise((done) => setTimeout(done, 300));
console.log("answered", (await accepted()).answer);
process.exit(0);
`;

test("a command that is none is printed by no library, and the next association is accepted", async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [
    ...["--import", "tsx", "--input-type=module", "--eval", script],
  ]);
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^answered <Buffer 02 /);
});
