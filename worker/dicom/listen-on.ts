import type { Server } from "node:net";

/** Where a listener stands; port 0: one that is free. With keys, plain connections are dropped. */
export interface Place {
  address: string;
  port: number;
  tls?: { key: Buffer; cert: Buffer } | undefined;
}

/** Has a server listen. @returns its port @throws Error where the address cannot be listened on */
export async function listenOn(server: Server, { address, port }: Place): Promise<number> {
  await new Promise<void>((done, failed) => {
    server.once("error", failed).listen(port, address, () => {
      server.off("error", failed);
      done();
    });
  });
  const bound = server.address();
  return typeof bound === "object" && bound ? bound.port : port;
}
