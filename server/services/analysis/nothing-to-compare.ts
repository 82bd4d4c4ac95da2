import { AppError } from "@/server/errors";

/** No image of the study has a reference standard. */
export const nothingToCompare = () => new AppError("conflict", { key: "errors.nothing_to_compare" });
