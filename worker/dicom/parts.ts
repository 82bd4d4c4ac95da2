/** A body that is no multipart of RFC 2046 with this boundary, or breaks off. */
export class MalformedBody extends Error {
  override name = "MalformedBody";
}

/** A header or an image that is longer than any that is taken. */
export class TooLarge extends Error {
  override name = "TooLarge";
}

export interface Part {
  /** As the part says it; undefined where it does not. */
  contentType: string | undefined;
  bytes: Uint8Array;
}

/** RFC 2046 section 5.1.1. */
export const isBoundary = (text: string): boolean => /^[\w'()+,\-./:=? ]{0,69}[\w'()+,\-./:=?]$/.test(text);

const newline = Buffer.from("\r\n");
const blankLine = Buffer.from("\r\n\r\n");
const dashes = Buffer.from("--");
/** Most bytes in front of the first part, of blanks behind a boundary, and of the header of a part. */
const longest = { preamble: 8192, padding: 100, header: 8192 };
/** Room to begin with; what is taken out of it by as much or more keeps it, and a new one is made. */
const usualRoom = 256 * 1024;

/**
 * The parts of a multipart body (RFC 2046 section 5.1), each when it is whole and not before the last one has been asked for: one is in hand, whatever their number.
 * What the header of a part says of its length is not believed: the boundary ends it.
 * @param boundary `isBoundary`
 * @param limit.longest bytes of a part
 * @param limit.keep told of all bytes before they are kept; what it throws ends it
 * @throws MalformedBody, TooLarge
 */
export async function* partsOf(
  body: AsyncIterator<Buffer>,
  boundary: string,
  limit: { longest: number; keep: (more: number) => void },
): AsyncGenerator<Part, void, undefined> {
  const delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  const bytes = new Incoming(body, limit.keep);
  await bytes.until(delimiter, longest.preamble);
  while (!(await bytes.nextIs(dashes))) {
    if ((await bytes.until(newline, longest.padding)).some((byte) => byte !== 0x20 && byte !== 0x09))
      throw new MalformedBody("a boundary is followed by something");
    const isBare = await bytes.nextIs(newline);
    const header = isBare ? undefined : await bytes.until(blankLine, longest.header);
    const contentType = header && contentTypeOf(header.toString("latin1"));
    yield { contentType, bytes: await bytes.until(delimiter, limit.longest) };
  }
}

/** RFC 5322: a line that begins with a blank goes on with the one before. */
function contentTypeOf(header: string): string | undefined {
  const lines = header.replaceAll(/\r\n[ \t]+/g, " ").split("\r\n");
  const types = lines.flatMap((line) => {
    const [, name, value] = /^([!#$%&'*+.^`|~\w-]+):[ \t]*([^\r\n]*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) throw new MalformedBody("a part has a line in its header that is none");
    return name.toLowerCase() === "content-type" ? [value ?? ""] : [];
  });
  if (types.length > 1) throw new MalformedBody("a part says twice what it is");
  return types[0];
}

/** What has come and has not been taken, in one piece of memory that grows with it. */
class Incoming {
  private room = Buffer.allocUnsafe(usualRoom);
  private from = 0;
  private to: number;

  constructor(
    private readonly body: AsyncIterator<Buffer>,
    private readonly keep: (more: number) => void,
  ) {
    // The first boundary may stand at the very beginning, where no newline is in front of it.
    this.to = newline.copy(this.room);
  }

  /** Takes what is in front of a mark, and the mark. */
  async until(mark: Buffer, longest: number): Promise<Buffer> {
    for (let searched = 0; ; ) {
      const there = this.room.subarray(this.from, this.to);
      const at = there.indexOf(mark, searched);
      if (at > longest || (at < 0 && there.length - mark.length >= longest)) throw new TooLarge();
      if (at >= 0) return this.taken(at, mark.length);
      searched = Math.max(0, there.length - mark.length + 1);
      await this.more();
    }
  }

  /** Whether this stands next; it is taken if so. */
  async nextIs(mark: Buffer): Promise<boolean> {
    while (this.to - this.from < mark.length) await this.more();
    const isNext = this.room.subarray(this.from, this.from + mark.length).equals(mark);
    if (isNext) this.from += mark.length;
    return isNext;
  }

  private taken(length: number, andMark: number): Buffer {
    const taken = this.room.subarray(this.from, this.from + length);
    this.from += length + andMark;
    if (length < usualRoom) return Buffer.from(taken);
    this.moveTo(usualRoom);
    return taken;
  }

  private async more(): Promise<void> {
    const { done, value: chunk } = await this.body.next();
    if (done) throw new MalformedBody("it breaks off");
    this.keep(chunk.length);
    if (chunk.length > this.room.length - this.to) this.moveTo(this.room.length);
    if (chunk.length > this.room.length - this.to) this.moveTo(2 * this.room.length + chunk.length);
    this.to += chunk.copy(this.room, this.to);
  }

  /** What is there goes to the beginning of a room of at least this size; the same one where it has that. */
  private moveTo(size: number): void {
    const there = this.room.subarray(this.from, this.to);
    const room = size === this.room.length ? this.room : Buffer.allocUnsafeSlow(Math.max(size, there.length));
    there.copy(room);
    this.room = room;
    this.to = there.length;
    this.from = 0;
  }
}
