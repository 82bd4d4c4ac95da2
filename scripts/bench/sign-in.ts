import { setTimeout as wait } from "node:timers/promises";
import { demonstrationAccounts, demonstrationPassword } from "@/server/services/demonstration/accounts";
import { freshDataDir, startProductAtRest } from "./product";
import { Visitor } from "./visitor";

const perSecond = 10;
const seconds = 30;
const goalMs = 300;

/** Sign-ins that come at a steady rate, whether or not those before are done, over the demonstration accounts: from the password sent to the answer. */
export async function benchSignIn(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  const product = await startProductAtRest(dataDir);
  const signIn = async (i: number): Promise<number> => {
    const account = demonstrationAccounts[i % demonstrationAccounts.length];
    const { status, milliseconds } = await new Visitor(product.url).signIn(account?.email ?? "", demonstrationPassword);
    if (status !== 200) throw new Error(`Sign-in ${i} was answered with ${status}.`);
    return milliseconds;
  };
  try {
    // A server that has just started loads its parts with the first requests.
    for (const i of demonstrationAccounts.keys()) await signIn(i);
    const began = performance.now();
    const times = await Promise.all(
      Array.from({ length: perSecond * seconds }, async (_, i) => {
        await wait((i * 1000) / perSecond - (performance.now() - began));
        return signIn(i);
      }),
    );
    const sorted = times.sort((a, b) => a - b);
    const at = (p: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(p * sorted.length))] ?? 0);
    return [
      `sign-in at ${perSecond} a second, ${times.length} times: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms (goal: p95 at most ${goalMs} ms)`,
    ];
  } finally {
    await product.stop();
    remove();
  }
}
