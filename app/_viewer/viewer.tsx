"use client";

import dynamic from "next/dynamic";

/** Loaded where it is opened, and only in a browser: other pages do not grow by it. */
export const Viewer = dynamic(() => import("./stage"), { ssr: false });
