import * as core from "@cornerstonejs/core";
import * as loader from "@cornerstonejs/dicom-image-loader";
import * as tools from "@cornerstonejs/tools";

let ready: Promise<void> | undefined;

/** Whether this browser draws by WebGL 2. Cornerstone's other way of drawing is half a pixel off: where it would be taken, nothing is shown and nothing measured. */
export function drawsByGl(): boolean {
  // Asked once: a browser takes the context of the viewer away when many others are made.
  gl ??= document.createElement("canvas").getContext("webgl2") !== null;
  return gl;
}
let gl: boolean | undefined;

/** Cornerstone and the tools that are used here, made ready once a page: a second time it complains. */
export function cornerstoneReady(): Promise<void> {
  ready ??= (async () => {
    core.init();
    loader.init({ maxWebWorkers: 1 });
    tools.init();
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
