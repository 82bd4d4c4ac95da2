"use client";

import { useLayoutEffect } from "react";
import { showTheme } from "./theme";

/** Some error pages are made in the browser alone, where the script of the layout does not run. */
export function ShowTheme() {
  useLayoutEffect(() => {
    if (!document.documentElement.dataset.theme) showTheme();
  }, []);
  return null;
}
