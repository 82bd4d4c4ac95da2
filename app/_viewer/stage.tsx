"use client";

import { Enums, RenderingEngine, type Types } from "@cornerstonejs/core";
import { useEffect, useRef } from "react";
import { cornerstoneReady } from "./cornerstone";

export default function Stage({ imageIds }: { imageIds: readonly string[] }) {
  const pane = useRef<HTMLDivElement>(null);
  useEffect(() => {
    let engine: RenderingEngine | undefined;
    let isGone = false;
    void cornerstoneReady().then(async () => {
      const element = pane.current;
      if (isGone || !element) return;
      engine = new RenderingEngine("stage");
      engine.enableElement({ viewportId: "a", type: Enums.ViewportType.STACK, element });
      await (engine.getViewport("a") as Types.IStackViewport).setStack([...imageIds]);
      engine.render();
    });
    return () => {
      isGone = true;
      engine?.destroy();
    };
  }, [imageIds]);
  return <div ref={pane} className="h-96" />;
}
