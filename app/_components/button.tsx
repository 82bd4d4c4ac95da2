import { cva, type VariantProps } from "class-variance-authority";
import { Slot } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "./class-names";

const look = cva(
  "inline-flex min-h-9 items-center justify-center gap-2 rounded-md px-3.5 py-1.5 font-medium text-base whitespace-nowrap transition-colors disabled:opacity-55 max-sm:min-h-11",
  {
    variants: {
      kind: {
        primary: "bg-accent text-accent-text hover:opacity-90",
        secondary: "border border-line-strong bg-surface text-text hover:bg-raised",
        quiet: "text-text hover:bg-raised",
        danger: "border border-danger bg-surface text-danger hover:bg-danger-soft",
      },
    },
    defaultVariants: { kind: "secondary" },
  },
);

/** The one button. `asChild` makes a link look like it; the label is a verb. */
export function Button({
  kind,
  asChild,
  className,
  type = "button",
  ...props
}: ComponentProps<"button"> & VariantProps<typeof look> & { asChild?: boolean }) {
  const Element = asChild ? Slot.Root : "button";
  return <Element type={asChild ? undefined : type} className={cn(look({ kind }), className)} {...props} />;
}
