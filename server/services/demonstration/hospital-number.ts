/** The hospital number of a patient of a demonstration. @param number 001, 002, ... */
export const hospitalNumberOf = (number: string): string => `DEMO-${number}`;
