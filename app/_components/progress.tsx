/** Progress with numbers, for anything longer than a second. */
export function Progress({ label, done, total }: { label: string; done: number; total: number }) {
  return (
    <div>
      <div className="mb-1 flex justify-between gap-4 text-sm">
        <span>{label}</span>
        <span className="numbers text-soft">
          {done} / {total}
        </span>
      </div>
      <progress
        aria-label={label}
        value={done}
        max={Math.max(1, total)}
        className="block h-2 w-full overflow-hidden rounded-full accent-accent"
      />
    </div>
  );
}
