import net from "node:net";
import tls from "node:tls";
import { limits, Receiver, type Receiving } from "./receiver";

/**
 * Listens for images of scanners and archives (C-ECHO, C-STORE) on one address, until closed.
 * @param place.tls where given, plain connections are dropped
 * @throws Error where the address cannot be listened on
 */
export async function listen(
  place: { address: string; port: number; tls?: { key: Buffer; cert: Buffer } | undefined },
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
  server.on("drop", () => receiving.log.warn({ limit: limits.connections }, "a connection was dropped: too many"));
  await new Promise<void>((done, failed) => {
    server.once("error", failed).listen(place.port, place.address, () => {
      server.off("error", failed);
      done();
    });
  });
  const bound = server.address();
  return {
    port: typeof bound === "object" && bound ? bound.port : place.port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
