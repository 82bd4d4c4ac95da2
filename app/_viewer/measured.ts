import { eventTarget, type Types } from "@cornerstonejs/core";
import { annotation, BidirectionalTool, Enums, type Types as ToolTypes } from "@cornerstonejs/tools";
import { useEffect, useState } from "react";
import { type Ends, endsOf, type Frame, type PaneName } from "./frames";

/** A frame, the pane that it is shown in, and the space that its positions are in. */
export interface Shown {
  pane: PaneName;
  frame: Frame;
  space: string | null;
}

/** Two axes as they are drawn in an image. */
export interface Measured extends Shown {
  id: string;
  ends: Ends;
}

type Drawn = CustomEvent<{ annotation: ToolTypes.Annotation }>;

/** What is measured in the viewer: one pair of axes, the newest; drawing another takes the one before away. */
export function useMeasured(shown: ReadonlyMap<string, Shown>): {
  measured: Measured | null;
  /** Draws axes that were drawn before, in the pane that shows their image. */
  redraw: (before: Omit<Measured, "id">, imageId: string) => void;
} {
  const [measured, setMeasured] = useState<Measured | null>(null);
  useEffect(() => {
    const { ANNOTATION_ADDED, ANNOTATION_COMPLETED, ANNOTATION_MODIFIED, ANNOTATION_REMOVED } = Enums.Events;
    const isOurs = (each: ToolTypes.Annotation) => each.metadata?.toolName === BidirectionalTool.toolName;
    const draw = (event: Event) => {
      const { annotation: own } = (event as Drawn).detail;
      if (!isOurs(own)) return;
      const image = shown.get(own.metadata?.referencedImageId ?? "");
      const ends = endsOf((own.data.handles?.points ?? []) as Types.Point3[]);
      if (image && ends && own.annotationUID) setMeasured({ ...image, id: own.annotationUID, ends });
    };
    const takeAwayOthers = (event: Event) => {
      const { annotation: own } = (event as Drawn).detail;
      if (!isOurs(own)) return;
      for (const { annotationUID, metadata } of annotation.state.getAllAnnotations())
        if (metadata?.toolName === BidirectionalTool.toolName && annotationUID && annotationUID !== own.annotationUID)
          annotation.state.removeAnnotation(annotationUID);
    };
    const forget = (event: Event) => {
      const { annotationUID } = (event as Drawn).detail.annotation;
      setMeasured((before) => (before?.id === annotationUID ? null : before));
    };
    const heard: [name: string, hear: (event: Event) => void][] = [
      [ANNOTATION_ADDED, takeAwayOthers],
      [ANNOTATION_MODIFIED, draw],
      [ANNOTATION_COMPLETED, draw],
      [ANNOTATION_REMOVED, forget],
    ];
    for (const [name, hear] of heard) eventTarget.addEventListener(name, hear);
    return () => {
      for (const [name, hear] of heard) eventTarget.removeEventListener(name, hear);
    };
  }, [shown]);
  return {
    measured,
    redraw: (before, imageId) => {
      const { pane, ends } = before;
      const [a, b, c, d] = ends.map(([x, y, z]): Types.Point3 => [x, y, z]);
      if (!a || !b || !c || !d) return;
      const axes: [[Types.Point3, Types.Point3], [Types.Point3, Types.Point3]] = [
        [a, b],
        [c, d],
      ];
      const drawn = BidirectionalTool.hydrate(pane, axes, { referencedImageId: imageId });
      if (drawn?.annotationUID) setMeasured({ ...before, id: drawn.annotationUID });
    },
  };
}

export const removeMeasured = ({ id }: Measured): void => annotation.state.removeAnnotation(id);
