import { freshDataDir, startProduct } from "./product";

/** Time from the command to the first answer: on an empty data folder (database made, demonstration seeded), and the second time. */
export async function benchStart(): Promise<string[]> {
  const { dataDir, remove } = freshDataDir();
  try {
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
      const product = await startProduct(dataDir);
      times.push(product.milliseconds);
      await product.stop();
    }
    const [cold, ...warm] = times.map((time) => (time / 1000).toFixed(1));
    return [
      `cold (empty data folder, packages and build there): ${cold} s`,
      `warm: ${warm.join(" s, ")} s (goal: under 5 s)`,
    ];
  } finally {
    remove();
  }
}
