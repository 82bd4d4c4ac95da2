import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);
const folder = "@expo-google-fonts/noto-sans-sc";

/** One font for both languages, out of its package: figures and PDF look the same on every machine. */
export const fontName = "Noto Sans SC";
export const fontFiles = {
  normal: resolve(`${folder}/400Regular/NotoSansSC_400Regular.ttf`),
  bold: resolve(`${folder}/700Bold/NotoSansSC_700Bold.ttf`),
};
