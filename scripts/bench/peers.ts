import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { programs } from "@/scripts/engine/fetch";
import { run } from "@/scripts/engine/run";

/** What the peers are installed as, by pip with the settings of this machine. */
const packages = {
  torch: ["torch", "torchvision"],
  keras: ["tensorflow-cpu==2.19.0", "keras"],
  onnx: ["torch", "torchvision", "onnx", "onnxruntime"],
} as const;
export type PeerName = keyof typeof packages;

export interface Answer {
  ms: number;
  /** Largest resident memory of the process so far. */
  mb: number;
}

/** A process that does one thing at a time, and says how long it took. */
export interface Contestant {
  /** Name and version. */
  label: string;
  ask(question: { op: string; n: number; first?: number }): Promise<Answer>;
  close(): Promise<void>;
}

const answer = z.object({ ms: z.number(), mb: z.number() });
const threads = String(availableParallelism());

async function open(command: string, args: readonly string[], options: { cwd?: string } = {}): Promise<Contestant> {
  // Waiting threads of PyTorch would spin and take the cores from whoever's turn it is.
  const child = spawn(command, args, {
    ...options,
    env: { ...process.env, OMP_WAIT_POLICY: "PASSIVE", TF_CPP_MIN_LOG_LEVEL: "3" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let complaint = "";
  child.stderr.on("data", (data: Buffer) => {
    complaint = `${complaint}${data}`.slice(-500);
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${args.at(0)} ended: ${complaint}`);
      if (value.startsWith("{")) return JSON.parse(value);
    }
  };
  const { ready } = z.object({ ready: z.string() }).parse(await next());
  return {
    label: ready,
    async ask(question) {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return answer.parse(await next());
    },
    close: () =>
      new Promise((done) => {
        child.once("close", () => done());
        child.kill();
      }),
  };
}

/** Our network in a process of its own. */
export const openOurs = (engine: "native" | "portable", memory: "keep" | "recompute" = "keep"): Promise<Contestant> =>
  open(process.execPath, ["--import", "tsx", fileURLToPath(new URL("peers/ours.ts", import.meta.url)), engine, memory]);

/** Python with some peers in it, in a folder of its own. */
export interface Peers {
  open(name: PeerName): Promise<Contestant>;
  remove(): void;
}

/** Installs peers into a throw-away environment. @throws Error that says what this machine lacks */
export async function installPeers(names: readonly PeerName[]): Promise<Peers> {
  const hasPip = spawnSync(programs.python, ["-m", "pip", "--version"], { stdio: "ignore" }).status === 0;
  const hasVenv = spawnSync(programs.python, ["-m", "venv", "--help"], { stdio: "ignore" }).status === 0;
  if (!hasPip || !hasVenv)
    throw new Error(
      "The peers (PyTorch, Keras, ONNX Runtime) are installed by pip into a throw-away environment, and this machine has no python3 with pip and venv " +
        "(Debian: apt install python3 python3-pip python3-venv; PYTHON names another).",
    );
  const folder = mkdtempSync(join(tmpdir(), "nodewise-peers-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => {
      remove();
      process.exit(1);
    });
  try {
    process.stderr.write(`Installing ${names.join(", ")} for this benchmark …\n`);
    await run(programs.python, ["-m", "venv", folder]);
    const python = join(folder, "bin", "python");
    const wanted = [...new Set(names.flatMap((name) => packages[name]))];
    await run(python, ["-m", "pip", "install", "--quiet", "--no-input", ...wanted]);
    return {
      open: (name) =>
        open(python, [fileURLToPath(new URL(`peers/${name}_peer.py`, import.meta.url)), threads], { cwd: folder }),
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * The same work by each in turn, after one warm time each: on a machine with other work only the ratio of neighbours means something.
 * @returns the median milliseconds an image of each, in order
 */
export async function takeTurns(
  contestants: readonly { who: Contestant; op: string; n: number }[],
  rounds: number,
  isSlices = false,
): Promise<number[]> {
  const times = contestants.map((): number[] => []);
  for (let round = -1; round < rounds; round++)
    for (const [index, { who, op, n }] of contestants.entries()) {
      const { ms } = await who.ask({ op, n, first: isSlices ? Math.max(0, round) * n : 0 });
      if (round >= 0) times[index]?.push(ms / n);
    }
  return times.map(middle);
}

export const machine = (): string =>
  `${cpus()[0]?.model.trim() ?? "unknown processor"}, ${availableParallelism()} cores, Node ${process.versions.node}`;

export const whole = (value: number) => value.toFixed(0);
/** How many times as fast ours is. */
export const ratio = (theirs: number, ours: number) => `${(theirs / ours).toFixed(2)}x`;
