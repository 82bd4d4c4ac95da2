"use client";

import { type FormEvent, type ReactNode, useId } from "react";
import { problemOf } from "../_lib/trpc";
import { Button } from "./button";
import { ConfirmDialog } from "./confirm-dialog";
import { Notice } from "./notice";
import { ProblemList } from "./problem-list";

/** A button that opens a form for somebody new; what was made stands in the form's place, as a first password that is shown once. */
export function AddDialog({
  words,
  open,
  onOpenChange,
  add,
  made,
  onSubmit,
  children,
}: {
  words: { add: string; adding: string };
  open: boolean;
  /** Opened anew, whoever holds what was made before forgets it. */
  onOpenChange: (open: boolean) => void;
  add: { isPending: boolean; error: unknown; reset: () => void };
  made: string | null;
  onSubmit: (form: FormData) => void;
  children: ReactNode;
}) {
  const formId = useId();
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    onSubmit(new FormData(event.currentTarget));
  }
  return (
    <>
      <Button
        kind="primary"
        onClick={() => {
          add.reset();
          onOpenChange(true);
        }}
      >
        {words.add}
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={onOpenChange}
        title={words.add}
        action={
          made ? null : (
            <Button kind="primary" type="submit" form={formId} disabled={add.isPending}>
              {add.isPending ? words.adding : words.add}
            </Button>
          )
        }
      >
        {made ? (
          <Notice tone="success">{made}</Notice>
        ) : (
          <form method="post" id={formId} onSubmit={submit} className="grid gap-4">
            {add.error ? <ProblemList {...problemOf(add.error)} /> : null}
            {children}
          </form>
        )}
      </ConfirmDialog>
    </>
  );
}
