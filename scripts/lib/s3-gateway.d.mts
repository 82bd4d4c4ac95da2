export const gateway: {
  /** For `go install`. */
  module: string;
  folder: string;
  program: string;
};
