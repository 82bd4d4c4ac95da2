import { useFormat } from "@/app/_i18n/format";

/** Progress with numbers, for anything longer than a second. */
export function Progress({
  label,
  done,
  total,
  unit,
}: {
  label: string;
  done: number;
  /** 0: not known yet. */
  total: number;
  /** What is counted, e.g. "images". */
  unit?: string;
}) {
  const { whole } = useFormat();
  return (
    <div>
      <div className="mb-1 flex justify-between gap-4 text-sm">
        <span>{label}</span>
        <span className="numbers shrink-0 whitespace-nowrap text-soft">
          {total > 0 ? `${whole(done)} / ${whole(total)}${unit ? ` ${unit}` : ""}` : null}
        </span>
      </div>
      <div
        role="progressbar"
        aria-label={label}
        {...(total > 0 && { "aria-valuenow": done, "aria-valuemin": 0, "aria-valuemax": total })}
        className="h-2 w-full overflow-hidden rounded-full bg-line"
      >
        <div className="h-full rounded-full bg-accent" style={{ width: `${total > 0 ? (100 * done) / total : 0}%` }} />
      </div>
    </div>
  );
}
