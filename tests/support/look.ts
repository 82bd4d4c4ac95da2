import { openDoor } from "@/db/actor";
import { lookAtImages } from "@/worker/letters/look-at-images";

const silent = { info: () => {}, error: () => {} };

/** Looks for letters in every image that waits, as the worker does, by its login. @param options.url of the login nodewise_worker */
export async function lookAtAll({ url, secret }: { url: string; secret: string }): Promise<void> {
  await asWorker({ url, secret }, () => lookAtImages({ signal: new AbortController().signal, log: silent, idle: 0 }));
}

/** Does something with the worker's login in the place of this process's own. */
export async function asWorker<T>(
  { url, secret }: { url: string; secret: string },
  work: () => Promise<T>,
): Promise<T> {
  const door = openDoor({ url, secret, max: 2 });
  const process = globalThis as typeof globalThis & { nodewiseDoor?: ReturnType<typeof openDoor> };
  const before = process.nodewiseDoor;
  process.nodewiseDoor = door;
  try {
    return await work();
  } finally {
    Object.assign(process, { nodewiseDoor: before });
    await door.close();
  }
}
