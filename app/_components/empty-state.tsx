import type { ReactNode } from "react";

/** What will be here, who brings it, and the button that does. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="rounded-md border border-line-strong border-dashed px-6 py-10 text-center">
      <h2 className="font-medium text-lg">{title}</h2>
      {children ? <div className="mx-auto mt-1 max-w-prose text-soft">{children}</div> : null}
      {action ? <div className="mt-4 flex justify-center">{action}</div> : null}
    </div>
  );
}
