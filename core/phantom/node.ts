import { normal, seededRandom, seedOf } from "../random";
import type { NodeFeatures } from "../reading/simulate";
import { blurred, valueNoise } from "./noise";

export interface NodeImage {
  /** In pixels. */
  width: number;
  height: number;
  /** Grey 0..255, row by row. */
  pixels: Uint8Array;
  /** What the node really shows: the same in every plane. */
  features: NodeFeatures;
}

/** Distance between the means of positive and negative nodes, in standard deviations of each latent feature. */
const separation = 1.9;
const marginPx = 4;
const longestMm = 25.5;
/** Grey values of a T2-weighted image: mesorectal fat bright, node intermediate. */
const grey = { fat: 176, node: 104 };

/**
 * A synthetic T2-weighted crop of a lymph node: the smallest rectangle round an ellipse-like node in mesorectal fat, plus a margin.
 * Positive nodes tend to an irregular border, heterogeneous signal and a round shape; every feature overlaps between the classes.
 * The same seed in another plane is another cut through the same node. Nothing here comes from a patient.
 * @param options.shortAxisMm 3 to 22 gives crops of about 20 to 110 pixels
 * @param options.pixelMm size of a pixel in mm
 */
export function drawNode(options: {
  seed: number;
  plane: string;
  positive: boolean;
  shortAxisMm: number;
  pixelMm?: number;
}): NodeImage {
  const { seed, plane, positive, shortAxisMm, pixelMm = 0.25 } = options;
  const features = drawFeatures(seed, positive);
  const planeSeed = seedOf(seed, plane);
  const random = seededRandom(planeSeed);

  const aspect = Math.min(1, Math.max(0.5, 0.52 + 0.46 * features.round + 0.04 * normal(random)));
  const shortPx = shortAxisMm / pixelMm;
  const longPx = Math.min(shortPx / aspect, Math.max(shortPx, longestMm / pixelMm));
  const tilt = Math.PI * random();
  const radius = drawOutline(random, features.irregular);

  const reachX = Math.hypot((longPx / 2) * Math.cos(tilt), (shortPx / 2) * Math.sin(tilt));
  const reachY = Math.hypot((longPx / 2) * Math.sin(tilt), (shortPx / 2) * Math.cos(tilt));
  const width = Math.round(2 * reachX) + 2 * marginPx;
  const height = Math.round(2 * reachY) + 2 * marginPx;

  const field = (name: string, cell: number) => valueNoise({ width, height, cell, seed: seedOf(planeSeed, name) });
  const fat = field("fat", 14);
  const strands = field("strands", 6);
  const patches = field("patches", Math.max(3, shortPx / 4));
  const speckle = field("speckle", Math.max(2, shortPx / 9));
  const contrast = 1 + 0.08 * normal(random);
  const heterogeneity = 10 + 78 * features.heterogeneous;

  const ideal = new Float64Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const dx = x + 0.5 - width / 2;
      const dy = y + 0.5 - height / 2;
      const along = (dx * Math.cos(tilt) + dy * Math.sin(tilt)) / (longPx / 2);
      const across = (dy * Math.cos(tilt) - dx * Math.sin(tilt)) / (shortPx / 2);
      const depth = (radius(Math.atan2(across, along)) - Math.hypot(along, across)) * (shortPx / 2);
      const inside = Math.min(1, Math.max(0, depth + 0.5));
      const background = grey.fat + 16 * fat(x, y) - 34 * Math.max(0, Math.abs(strands(x, y)) - 0.45);
      const node = grey.node + heterogeneity * (0.75 * patches(x, y) + 0.25 * speckle(x, y));
      ideal[y * width + x] = contrast * (inside * node + (1 - inside) * background);
    }
  }
  const pixels = Uint8Array.from(blurred(ideal, { width, height, sigma: 0.9 }), (value) =>
    Math.min(255, Math.max(0, Math.round(value + 7 * normal(random)))),
  );
  return { width, height, pixels, features };
}

function drawFeatures(seed: number, positive: boolean): NodeFeatures {
  const random = seededRandom(seedOf(seed, "features"));
  const shift = (positive ? 1 : -1) * (separation / 2);
  const feature = () => 1 / (1 + Math.exp(-1.2 * (shift + normal(random))));
  return { irregular: feature(), heterogeneous: feature(), round: feature() };
}

/** The outline as a radius (fraction of the ellipse, at most 1) by angle: lobulated and spiculated as the border is irregular. */
function drawOutline(random: () => number, irregular: number): (angle: number) => number {
  const waves = Array.from({ length: 7 }, (_, i) => ({
    order: i + 3,
    phase: 2 * Math.PI * random(),
    weight: (0.6 + 0.8 * random()) / Math.sqrt(i + 1),
  }));
  const total = waves.reduce((sum, { weight }) => sum + weight, 0);
  const depth = 0.04 + 0.5 * irregular;
  return (angle) => {
    const wave = waves.reduce((sum, { order, phase, weight }) => sum + weight * Math.cos(order * angle + phase), 0);
    return 1 - depth * (0.5 - wave / total / 2);
  };
}
