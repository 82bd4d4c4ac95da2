import { type ReactNode, useState } from "react";
import { problemOf } from "@/app/_lib/trpc";
import { Button } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { TextArea } from "./field";
import { ProblemList } from "./problem-list";

/** As `server/schemas` asks of a reason. */
const shortest = 3;

/** A deed that is not done without a reason, and that says first what it means. */
export function ReasonDialog({
  action,
  why,
  disabled = false,
  deed,
  onGive,
  children,
}: {
  /** What the buttons say. */
  action: string;
  /** Above the field. */
  why: string;
  disabled?: boolean;
  deed: { error: Parameters<typeof problemOf>[0] | null; isPending: boolean };
  /** @param done closes it, once the deed is done */
  onGive: (reason: string, done: () => void) => void;
  children: ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  return (
    <>
      <Button disabled={disabled} onClick={() => setOpen(true)}>
        {action}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={action}
        action={
          <Button
            kind="primary"
            disabled={deed.isPending || reason.trim().length < shortest}
            onClick={() => onGive(reason, () => setOpen(false))}
          >
            {action}
          </Button>
        }
      >
        {deed.error ? <ProblemList {...problemOf(deed.error)} /> : null}
        <p>{children}</p>
        <TextArea label={why} value={reason} onChange={(event) => setReason(event.target.value)} />
      </ConfirmDialog>
    </>
  );
}
