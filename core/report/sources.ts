/** Steps from the root of the records to a value. */
export type Path = readonly (string | number)[];

/** A number as it is printed, and where it stands. */
export interface Source {
  /** Where it is printed. */
  place: string;
  text: string;
  /** As in `result.rows[3].auc.estimate`. */
  path: string;
}

const pathInWords = (path: Path): string =>
  path.map((step, at) => (typeof step === "number" ? `[${step}]` : at === 0 ? step : `.${step}`)).join("");

/**
 * The only way in which a number comes into a report: by its path in the records, so that none can be printed that stands nowhere.
 * @param root `records` and `result`
 */
export function sourcesOf(root: object) {
  const cited: Source[] = [];
  let place = "";
  const valueAt = (path: Path): unknown =>
    path.reduce<unknown>(
      (at, step) => (typeof at === "object" && at !== null ? Reflect.get(at, step) : undefined),
      root,
    );
  const cite = (text: string, path: Path): string => {
    cited.push({ place, text, path: pathInWords(path) });
    return text;
  };
  return {
    cited,
    /** Names what is printed from here on. */
    at(name: string): void {
      place = name;
    },
    /**
     * The number at the end of the path.
     * @throws Error when none is there: a fault of the report, not of its data
     */
    number(path: Path, write: (value: number) => string = String): string {
      const value = valueAt(path);
      if (typeof value !== "number") throw new Error(`There is no number at ${pathInWords(path)}.`);
      return cite(write(value), path);
    },
    cite,
  };
}

export type Sources = ReturnType<typeof sourcesOf>;
