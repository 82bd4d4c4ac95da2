import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("comparison-of-readers.ts", import.meta.url));
const goal = { readers: 20, images: 5_000, seconds: 5, mb: 400 };

function compared(images: number, readers: number): { seconds: number; mb: number } {
  const printed = execFileSync(process.execPath, ["--import", "tsx", script, String(images), String(readers)], {
    encoding: "utf8",
  });
  return JSON.parse(printed);
}

/** Every number of the comparison page, readers x 2 conditions and a network, each in a process of its own: CPU and peak of memory, reads included. */
export async function benchAnalysis(): Promise<string[]> {
  const line = (images: number, readers: number) => {
    const { seconds, mb } = compared(images, readers);
    return `| ${images.toLocaleString("en")} | ${readers} | ${seconds.toFixed(2)} | ${mb.toFixed(0)} |`;
  };
  return [
    `goal at ${goal.images.toLocaleString("en")} images and ${goal.readers} readers: ${goal.seconds} s, ${goal.mb} MB`,
    "",
    "| images | readers | CPU, s | peak memory, MB |",
    "|---|---|---|---|",
    line(goal.images, goal.readers),
    ...[100, 1_000, 10_000, 100_000].map((images) => line(images, 5)),
  ];
}
