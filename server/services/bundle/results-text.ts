/** Results as the file of a bundle: the one serialiser, so that the same numbers are the same bytes. */
export const resultsText = (result: unknown): string => `${JSON.stringify(result, null, 2)}\n`;
