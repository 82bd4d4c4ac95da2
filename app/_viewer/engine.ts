import { cache, RenderingEngine, type Types } from "@cornerstonejs/core";
import {
  annotation,
  BidirectionalTool,
  Enums,
  PanTool,
  ReferenceLinesTool,
  StackScrollTool,
  ToolGroupManager,
  type Types as ToolTypes,
  WindowLevelTool,
  ZoomTool,
} from "@cornerstonejs/tools";
import type { PaneName } from "./frames";

/** What the left button, and one finger, can do. */
const handTools = {
  scroll: StackScrollTool.toolName,
  window: WindowLevelTool.toolName,
  pan: PanTool.toolName,
  zoom: ZoomTool.toolName,
  measure: BidirectionalTool.toolName,
} as const;
export type HandTool = keyof typeof handTools;
export const handToolNames = ["scroll", "window", "pan", "zoom", "measure"] as const satisfies readonly HandTool[];

const { MouseBindings } = Enums;
/** What the other buttons and two fingers always do. */
const standing: Record<HandTool, ToolTypes.IToolBinding[]> = {
  scroll: [{ mouseButton: MouseBindings.Wheel }],
  window: [{ mouseButton: MouseBindings.Secondary }],
  pan: [{ mouseButton: MouseBindings.Auxiliary }],
  zoom: [{ numTouchPoints: 2 }],
  measure: [],
};

/** A pane of the exam that is open, or of the one beside it. */
export type PaneId = PaneName | `beside ${PaneName}`;
export const besideOf = (plane: PaneName): PaneId => `beside ${plane}`;

export interface Engine {
  rendering: RenderingEngine;
  group: ToolTypes.IToolGroup;
  /** Of the panes of another exam: nothing is measured there. */
  beside: ToolTypes.IToolGroup;
}

let opened = 0;

/**
 * Cornerstone's engine and tools for one opening of the viewer: names are never used again, because React opens twice while developing.
 * @param options.linesOf what stands beside a measurement, by the image it is drawn in
 */
export function openEngine(options: { linesOf: (points: Types.Point3[], imageId: string) => string[] }): Engine {
  const id = `viewer ${++opened}`;
  const rendering = new RenderingEngine(id);
  const [group, beside] = [ToolGroupManager.createToolGroup(id), ToolGroupManager.createToolGroup(`${id} beside`)];
  if (!group || !beside) throw new Error(`There is a tool group ${id} already.`);
  for (const each of [group, beside])
    for (const name of [handTools.scroll, handTools.window, handTools.pan, handTools.zoom]) each.addTool(name);
  group.addTool(handTools.measure, {
    getTextLines: ({ handles }: { handles: { points: Types.Point3[] } }, target: string) =>
      options.linesOf(handles.points, target.replace(/^imageId:/, "")),
  });
  group.addTool(ReferenceLinesTool.toolName, { sourceViewportId: "" });
  group.setToolEnabled(ReferenceLinesTool.toolName);
  return { rendering, group, beside };
}

export function closeEngine({ rendering, group, beside }: Engine): void {
  annotation.state.removeAllAnnotations();
  for (const { id } of [group, beside]) ToolGroupManager.destroyToolGroup(id);
  rendering.destroy();
  cache.purgeCache();
}

/** Gives the left button its tool; where nothing is measured, that of scrolling instead. */
export function takeInHand({ group, beside }: Engine, tool: HandTool): void {
  give(group, handToolNames, tool);
  give(
    beside,
    handToolNames.filter((name) => name !== "measure"),
    tool === "measure" ? "scroll" : tool,
  );
}

function give(group: ToolTypes.IToolGroup, tools: readonly HandTool[], inHand: HandTool): void {
  for (const each of tools) group.setToolPassive(handTools[each], { removeAllBindings: true });
  for (const each of tools) {
    const bindings = [...standing[each], ...(each === inHand ? [{ mouseButton: MouseBindings.Primary }] : [])];
    if (bindings.length > 0) group.setToolActive(handTools[each], { bindings });
  }
}

/** Where a pane's image cuts the others is drawn in them; of one without place nowhere. */
export function drawLinesOf({ group }: Engine, pane: PaneName): void {
  group.setToolConfiguration(ReferenceLinesTool.toolName, { sourceViewportId: pane === "unplaced" ? "" : pane });
}

export const viewportOf = ({ rendering }: Engine, pane: PaneId): Types.IStackViewport | undefined =>
  rendering.getViewport(pane) as Types.IStackViewport | undefined;

/** The image that a pane shows; none until the first is there, whatever the types say. */
export const imageOf = (viewport: Types.IStackViewport): Types.IImage | undefined => viewport.getCornerstoneImage();

/** What is shown black and white in a pane, in values after the modality step. */
export function windowOf(viewport: Types.IStackViewport): { low: number; high: number } | undefined {
  const { voiRange } = viewport.getProperties();
  const image = imageOf(viewport);
  if (!voiRange || !image) return undefined;
  const { slope, intercept, preScale } = image;
  const modalityValue = (shown: number) => (preScale?.scaled ? shown : shown * slope + intercept);
  return { low: modalityValue(voiRange.lower), high: modalityValue(voiRange.upper) };
}
