"use client";

import { useTranslations } from "next-intl";
import { Dialog } from "radix-ui";
import type { ReactNode } from "react";
import { Button } from "./button";

/** For what cannot be undone: locks, and what names everything that will happen. */
export function ConfirmDialog({
  open,
  onOpenChange,
  title,
  children,
  action,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  children: ReactNode;
  action: ReactNode;
}) {
  const t = useTranslations("parts");
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          aria-describedby={undefined}
          className="fixed top-1/2 left-1/2 z-50 max-h-[90dvh] w-[min(34rem,94vw)] -translate-x-1/2 -translate-y-1/2 overflow-y-auto rounded-md border border-line bg-surface p-6 shadow-card"
        >
          <Dialog.Title className="mb-3 font-semibold text-lg">{title}</Dialog.Title>
          <div className="grid gap-4">{children}</div>
          <div className="mt-6 flex justify-end gap-2">
            <Dialog.Close asChild>
              <Button>{t("cancel")}</Button>
            </Dialog.Close>
            {action}
          </div>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
