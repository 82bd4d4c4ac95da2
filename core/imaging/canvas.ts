/**
 * Where an image lies on a square canvas: never enlarged, scaled down with its shape kept when larger than the canvas,
 * centred with the odd pixel to the right and below. All in pixels.
 */
export function fitToCanvas({ width, height, size }: { width: number; height: number; size: number }) {
  const scale = Math.min(1, size / Math.max(width, height));
  const fittedWidth = scale === 1 ? width : Math.max(1, Math.round(width * scale));
  const fittedHeight = scale === 1 ? height : Math.max(1, Math.round(height * scale));
  return {
    width: fittedWidth,
    height: fittedHeight,
    left: Math.floor((size - fittedWidth) / 2),
    top: Math.floor((size - fittedHeight) / 2),
    scale,
  };
}
