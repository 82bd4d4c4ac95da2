import { availableParallelism } from "node:os";
import sharp from "sharp";
import { drawNode } from "@/core/phantom/node";
import type { PhantomNode } from "@/core/phantom/study";
import type { NodeFeatures } from "@/core/reading/simulate";
import { decodeCrop } from "@/server/services/imaging/decode-crop";
import type { CropImage } from "@/server/services/imaging/kept-image";
import { forEachLimited } from "@/server/services/import/for-each-limited";
import { store } from "@/server/store";

export interface DrawnCrop {
  plane: string;
  image: CropImage;
  files: { sha256: string; bytes: number }[];
}

export interface DrawnNode {
  features: NodeFeatures;
  crops: DrawnCrop[];
}

/** Draws the crops of phantom nodes and puts them through the same door as uploaded ones: decoded, re-encoded, hashed, stored. */
export async function drawCrops(nodes: readonly PhantomNode[]): Promise<Map<PhantomNode, DrawnNode>> {
  const drawn = new Map<PhantomNode, DrawnNode>();
  await forEachLimited(nodes, availableParallelism(), async (node) => {
    const crops: DrawnCrop[] = [];
    let features: NodeFeatures = { irregular: 0, heterogeneous: 0, round: 0 };
    for (const plane of node.planes) {
      const image = drawNode({ seed: node.seed, plane, positive: node.positive, shortAxisMm: node.shortAxisMm });
      const { width, height } = image;
      features = image.features;
      const bytes = await sharp(image.pixels, { raw: { width, height, channels: 1 } })
        .png()
        .toBuffer();
      const { image: decoded, files } = await decodeCrop({ name: `${plane}.png`, bytes });
      crops.push({ plane, image: decoded, files: await Promise.all(files.map((file) => store.put(file.bytes))) });
    }
    drawn.set(node, { features, crops });
  });
  return drawn;
}
