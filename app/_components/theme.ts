/** Shows the theme that was chosen; until one is, the page goes with the system, also when that changes. Stands alone: the layout writes it out as a script. */
export function showTheme() {
  try {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const show = () => {
      const chosen = localStorage.getItem("theme");
      document.documentElement.dataset.theme = (chosen ? chosen === "dark" : system.matches) ? "dark" : "light";
    };
    show();
    system.addEventListener("change", show);
  } catch {}
}
