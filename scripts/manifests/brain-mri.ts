import { writeManifest } from "./write-manifest";

/** Brain MRI images for brain tumor detection (N. Chakrabarty): 253 images, folders `yes` (tumour) and `no`, listed in data.csv. */
await writeManifest({
  labels: "data.csv",
  image: ({ images = "", labels }) => ({ file: images, truth: labels === "yes" ? 1 : 0 }),
});
