import * as core from "@cornerstonejs/core";
import * as loader from "@cornerstonejs/dicom-image-loader";
import * as tools from "@cornerstonejs/tools";

let ready: Promise<void> | undefined;

/** Cornerstone and the tools that are used here, made ready once a page: a second time it complains. */
export function cornerstoneReady(): Promise<void> {
  ready ??= (async () => {
    await core.init();
    await loader.init({ maxWebWorkers: 1 });
    await tools.init();
    for (const tool of [
      tools.WindowLevelTool,
      tools.PanTool,
      tools.ZoomTool,
      tools.StackScrollTool,
      tools.BidirectionalTool,
      tools.ReferenceLinesTool,
    ])
      tools.addTool(tool);
  })();
  return ready;
}
