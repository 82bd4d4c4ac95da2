import type { ComponentProps, ReactNode } from "react";
import { useId } from "react";
import { cn } from "./class-names";

const box =
  "min-h-9 w-full min-w-0 rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-base text-text placeholder:text-soft aria-invalid:border-danger disabled:opacity-60 max-sm:min-h-11";

interface Labelled {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  /** Written beside the value, e.g. "mm". */
  unit?: string;
}

function Frame({
  id,
  label,
  hint,
  error,
  unit,
  className,
  children,
}: Labelled & { id: string; className?: string | undefined; children: ReactNode }) {
  return (
    <div className={cn("grid min-w-0 gap-1", className)}>
      <label htmlFor={id} className="font-medium">
        {label}
      </label>
      {hint ? (
        <p id={`${id}-hint`} className="text-soft text-sm wrap-anywhere">
          {hint}
        </p>
      ) : null}
      <div className="flex items-center gap-2">
        {children}
        {unit ? <span className="shrink-0 text-soft">{unit}</span> : null}
      </div>
      {error ? (
        <p id={`${id}-error`} className="text-danger text-sm">
          {error}
        </p>
      ) : null}
    </div>
  );
}

const described = (id: string, { hint, error }: { hint?: ReactNode; error?: string | undefined }) =>
  [hint ? `${id}-hint` : null, error ? `${id}-error` : null].filter(Boolean).join(" ") || undefined;

/** A labelled input with hint, unit and error. */
export function TextField({ label, hint, error, unit, className, ...props }: Labelled & ComponentProps<"input">) {
  const id = useId();
  return (
    <Frame {...{ id, label, hint, error, className }} {...(unit ? { unit } : {})}>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, { hint, error })}
        className={box}
        {...props}
      />
    </Frame>
  );
}

export function TextArea({
  label,
  hint,
  error,
  className,
  ...props
}: Omit<Labelled, "unit"> & ComponentProps<"textarea">) {
  const id = useId();
  return (
    <Frame {...{ id, label, hint, error, className }}>
      <textarea
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, { hint, error })}
        className={cn(box, "min-h-20")}
        {...props}
      />
    </Frame>
  );
}

export function SelectField({
  label,
  hint,
  error,
  options,
  className,
  ...props
}: Omit<Labelled, "unit"> & ComponentProps<"select"> & { options: readonly { value: string; label: string }[] }) {
  const id = useId();
  return (
    <Frame {...{ id, label, hint, error, className }}>
      <select
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, { hint, error })}
        className={box}
        {...props}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}

/** A question with a few answers side by side; arrow keys move between them. */
export function Choice<T extends string>({
  legend,
  hint,
  name,
  options,
  value,
  onChange,
  error,
}: {
  legend: ReactNode;
  hint?: ReactNode;
  name: string;
  options: readonly { value: T; label: string }[];
  value: T | null;
  onChange: (value: T) => void;
  error?: string | undefined;
}) {
  return (
    <fieldset className="grid gap-1">
      <legend className="mb-1 font-medium">{legend}</legend>
      {hint ? <p className="text-soft text-sm">{hint}</p> : null}
      <div className="inline-flex w-fit flex-wrap overflow-hidden rounded-md border border-line-strong">
        {options.map((option) => (
          <label
            key={option.value}
            className="border-line-strong border-r px-3 py-1.5 last:border-r-0 has-checked:bg-accent has-checked:text-accent-text has-focus-visible:outline-2 has-focus-visible:outline-accent has-focus-visible:outline-offset-[-3px] max-sm:py-2.5"
          >
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={value === option.value}
              onChange={() => onChange(option.value)}
              className="sr-only"
            />
            {option.label}
          </label>
        ))}
      </div>
      {error ? <p className="text-danger text-sm">{error}</p> : null}
    </fieldset>
  );
}

/** A yes-or-no setting. */
export function CheckField({ label, hint, ...props }: Pick<Labelled, "label" | "hint"> & ComponentProps<"input">) {
  const id = useId();
  return (
    <div className="grid grid-cols-[auto_1fr] items-baseline gap-x-2">
      <input id={id} type="checkbox" aria-describedby={described(id, { hint })} className="accent-accent" {...props} />
      <label htmlFor={id}>{label}</label>
      {hint ? (
        <p id={`${id}-hint`} className="col-start-2 text-soft text-sm">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
