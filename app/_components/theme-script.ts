/** Runs before the first paint, so that a chosen theme never flashes. */
export const themeScript = `(() => { try { const chosen = localStorage.getItem("theme"); const dark = chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches; document.documentElement.dataset.theme = dark ? "dark" : "light"; } catch {} })()`;
