"use client";

import { type ReactNode, useId, useState } from "react";
import { cn } from "./class-names";

/** Where files are dropped, or chosen by mouse and keyboard. */
export function DropArea({
  children,
  disabled = false,
  accept,
  folder = false,
  onDropped,
  onChosen,
}: {
  children: ReactNode;
  disabled?: boolean;
  /** Media types that are offered; left out: all. */
  accept?: string;
  /** Whether a folder is chosen, with all that lies in it. */
  folder?: boolean;
  /** Called in the event itself: the browser forgets what was dropped after it. */
  onDropped: (transfer: DataTransfer) => void;
  onChosen: (files: File[]) => void;
}) {
  const id = useId();
  const [over, setOver] = useState(false);
  return (
    <label
      htmlFor={id}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (!disabled) onDropped(event.dataTransfer);
      }}
      className={cn(
        "block rounded-md border border-line-strong border-dashed px-4 py-5 text-center has-focus-visible:outline-2 has-focus-visible:outline-accent",
        over && "border-accent bg-accent-soft",
        disabled && "opacity-60",
      )}
    >
      {children}
      <input
        id={id}
        type="file"
        multiple
        disabled={disabled}
        className="sr-only"
        {...(accept && { accept })}
        {...(folder && { webkitdirectory: "" })}
        onChange={(event) => {
          // Copied at once: the browser empties its list when the field is reset.
          const files = [...(event.target.files ?? [])];
          event.target.value = "";
          onChosen(files);
        }}
      />
    </label>
  );
}
