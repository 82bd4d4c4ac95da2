import net from "node:net";
import tls from "node:tls";
import { listenOn, type Place } from "./listen-on";
import { noteDrops } from "./note-drops";
import { limits, Receiver, type Receiving } from "./receiver";

/**
 * Listens for images of scanners and archives (C-ECHO, C-STORE) on one address, until closed.
 * @throws Error where the address cannot be listened on
 */
export async function listen(
  place: Place,
  receiving: Receiving,
): Promise<{ port: number; close: () => Promise<void> }> {
  const sockets = new Set<net.Socket>();
  const connected = (socket: net.Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    new Receiver(socket, receiving);
  };
  const server = place.tls
    ? tls.createServer({ ...place.tls, handshakeTimeout: limits.greeting }, connected)
    : net.createServer(connected);
  server.maxConnections = limits.connections;
  noteDrops(server, { limit: limits.connections, log: receiving.log });
  const port = await listenOn(server, place);
  return {
    port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
