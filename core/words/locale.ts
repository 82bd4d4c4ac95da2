/** The languages of the product: English and Simplified Chinese. */
export const locales = ["en", "zh"] as const;
export type Locale = (typeof locales)[number];
