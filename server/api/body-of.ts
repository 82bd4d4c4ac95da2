import type { Readable } from "node:stream";

/**
 * A file as the body of an answer, read as fast as it is taken. Whoever goes away stops the reading; a file that fails ends the answer before its end.
 * (`Readable.toWeb` closes a stream that was cancelled, outside anybody's reach, and the process ends by it.)
 */
export function bodyOf(stream: Readable): ReadableStream<Uint8Array> {
  const chunks: AsyncIterator<Uint8Array> = stream[Symbol.asyncIterator]();
  let isGone = false;
  return new ReadableStream(
    {
      async pull(out) {
        const next = await chunks.next();
        if (isGone) return;
        if (next.done) out.close();
        else out.enqueue(next.value);
      },
      cancel() {
        isGone = true;
        stream.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
