// node --import tsx tests/support/put-process.ts PLACE MEGABYTES: puts a stream of so many MB into a store, then prints what was stored and
// by how many MB the memory of the process grew above that of a small put.
import { storePlaceOf } from "@/server/env";
import { openStore } from "@/server/store";

const [, , place, megabytes] = process.argv;
const block = Buffer.alloc(1e6);
let peak = 0;

async function* stream(count: number) {
  for (let i = 0; i < count; i++) {
    block.writeUInt32LE(i);
    peak = Math.max(peak, process.memoryUsage.rss());
    // A copy: what was handed over may be held, and then counts.
    yield Buffer.from(block);
  }
}

const store = await openStore(storePlaceOf(place));
await store.put(stream(16));
const before = process.memoryUsage.rss();
peak = 0;
const stored = await store.put(stream(Number(megabytes)));
process.stdout.write(JSON.stringify({ ...stored, grownMb: (peak - before) / 1e6 }));
