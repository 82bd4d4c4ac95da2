import { EventEmitter } from "node:events";
import type { Server } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { noteDrops } from "@/worker/dicom/note-drops";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("of connections that are dropped as too many the first is told at once, and the others of its minute by their number", () => {
  const said: unknown[][] = [];
  const server = new EventEmitter();
  noteDrops(server as Server, { limit: 2, log: { warn: (...words: unknown[]) => void said.push(words) } });
  for (let n = 0; n < 600; n++) server.emit("drop");
  expect(said).toEqual([[{ limit: 2 }, "a connection was dropped: too many"]]);
  vi.advanceTimersByTime(60_000);
  expect(said).toHaveLength(2);
  expect(said[1]?.[0]).toEqual({ limit: 2, connections: 599 });
  vi.advanceTimersByTime(60_000);
  expect(said, "a quiet minute says nothing").toHaveLength(2);
  server.emit("drop");
  expect(said).toHaveLength(3);
});
