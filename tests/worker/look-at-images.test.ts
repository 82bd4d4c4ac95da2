import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { runIsolated } from "@/worker/isolated";
import { lookAtImages } from "@/worker/letters/look-at-images";
import type { LookMessage, LookOrder } from "@/worker/letters/look-process";
import { giveLookBack, keepLook, noteLook, takeLook } from "@/worker/letters/looks";

/*
 * When the worker takes an image, and whether an end counts against it.
 */

vi.mock("@/worker/isolated", () => ({ runIsolated: vi.fn() }));
vi.mock("@/worker/letters/looks", () => ({
  isThereToLook: vi.fn(async () => true),
  takeLook: vi.fn(),
  keepLook: vi.fn(async () => {}),
  noteLook: vi.fn(async () => null),
  giveLookBack: vi.fn(async () => {}),
}));

const image = { studyId: "s", instanceId: "i", sha256: "f".repeat(64), attempts: 1 };
const stop = new AbortController();
const look = (signal = stop.signal) => lookAtImages({ signal, log: { info: () => {}, error: () => {} }, idle: 0 });
type Tell = (message: LookMessage) => Promise<LookOrder>;
/** A process that does this. */
const child = (work: (tell: Tell, signal: AbortSignal) => Promise<void>) =>
  vi.mocked(runIsolated).mockImplementation(({ onMessage, signal }) => work(onMessage as Tell, signal));
const until = (signal: AbortSignal) =>
  new Promise<never>((_, ended) => signal.addEventListener("abort", () => ended(signal.reason)));

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  vi.mocked(takeLook).mockResolvedValueOnce(image).mockResolvedValue(null);
});
afterEach(() => vi.useRealTimers());

test("no image is taken by a process that cannot load its networks; one that can is given it", async () => {
  child(async () => {
    throw new Error("no such network");
  });
  await expect(look()).rejects.toThrow("no such network");
  expect(takeLook).not.toHaveBeenCalled();

  child(async (tell) => {
    expect(await tell({ kind: "ready" }), "control").toEqual({ sha256: image.sha256 });
    expect(await tell({ kind: "looked", method: "by hand", letters: [] })).toBeNull();
  });
  await look();
  expect(noteLook).toHaveBeenCalledTimes(1);
  expect(giveLookBack).not.toHaveBeenCalled();
});

test("a process that hangs while it loads is ended, and holds no image meanwhile", async () => {
  child((_, signal) => until(signal));
  const ended = expect(look()).rejects.toThrow("loaded for too long");
  await vi.advanceTimersByTimeAsync(200_000);
  await ended;
  expect(keepLook).not.toHaveBeenCalled();
});

test("an image is given back where the store is away or the worker stops, and not where its process died of it or took too long", async () => {
  child(async (tell) => {
    await tell({ kind: "ready" });
    await tell({ kind: "away" });
    throw new Error("the store does not answer");
  });
  await expect(look()).rejects.toThrow("does not answer");
  expect(giveLookBack).toHaveBeenCalledExactlyOnceWith(image);

  vi.mocked(takeLook).mockResolvedValueOnce(image);
  const stopping = new AbortController();
  child(async (tell, signal) => {
    await tell({ kind: "ready" });
    await until(signal);
  });
  const stopped = expect(look(stopping.signal)).rejects.toThrow();
  await vi.advanceTimersByTimeAsync(1_000);
  stopping.abort();
  await stopped;
  expect(giveLookBack).toHaveBeenCalledTimes(2);

  vi.mocked(takeLook).mockResolvedValueOnce(image);
  const late = expect(look()).rejects.toThrow("looked at for too long");
  await vi.advanceTimersByTimeAsync(200_000);
  await late;
  vi.mocked(takeLook).mockResolvedValueOnce(image);
  child(async (tell) => {
    await tell({ kind: "ready" });
    throw new Error("killed");
  });
  await expect(look()).rejects.toThrow("killed");
  expect(giveLookBack).toHaveBeenCalledTimes(2);
});
