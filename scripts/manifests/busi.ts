import { writeManifest } from "./write-manifest";

/** Breast ultrasound images (Al-Dhabyani et al., Data in Brief 2020;28:104863), benign and malignant, listed in labels.csv. */
await writeManifest({
  labels: "labels.csv",
  image: ({ file = "", malignant }) => ({ file, truth: malignant === "1" ? 1 : 0 }),
});
