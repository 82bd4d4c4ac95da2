import { crc32 } from "node:zlib";

/*
 * A ZIP archive of files as they are (APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16): weights do not get smaller. No date and no attributes,
 * so the same files give the same bytes.
 */

const version = 20;
/** Names are UTF-8. */
const flags = 0x0800;
/** 1 January 1980, the first day there is. */
const date = 0x0021;
const most = 0xffff_ffff;

/** @throws RangeError on files that need the extension for more than 4 GB */
export function zip(files: readonly { name: string; bytes: Uint8Array }[]): Buffer {
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const encoded = Buffer.from(name, "utf8");
    // What the local header and the directory have in common: version to extract .. length of the extra field.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(version, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(date, 8);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(encoded.length, 22);
    const placed = Buffer.alloc(14);
    placed.writeUInt32LE(at, 10);
    directory.push(Buffer.from([0x50, 0x4b, 1, 2, version, 0]), common, placed, encoded);
    const header = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), common, encoded]);
    parts.push(header, bytes);
    at += header.length + bytes.length;
    if (at > most) throw new RangeError("The archive would have more than 4 GB.");
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", 0, "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listing, end]);
}
