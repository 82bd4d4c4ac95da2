"use client";

import { Command as Cmdk } from "cmdk";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useEffect, useState } from "react";
import { Button } from "./button";

export interface Command {
  href: string;
  label: string;
  group: string;
}

/** Go anywhere by typing; Ctrl-K or Cmd-K. */
export function CommandMenu({ commands }: { commands: readonly Command[] }) {
  const t = useTranslations("frame");
  const router = useRouter();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      setOpen((now) => !now);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  const groups = [...new Set(commands.map((command) => command.group))];
  return (
    <>
      <Button kind="quiet" onClick={() => setOpen(true)} aria-keyshortcuts="Control+K" className="text-soft">
        <span className="max-sm:sr-only">{t("search")}</span>{" "}
        <kbd className="rounded-sm border border-line px-1 font-mono text-xs max-sm:hidden">Ctrl K</kbd>
        <span aria-hidden="true" className="sm:hidden">
          ⌕
        </span>
      </Button>
      <Cmdk.Dialog
        open={open}
        onOpenChange={setOpen}
        label={t("search")}
        overlayClassName="fixed inset-0 z-40 bg-black/40"
        contentClassName="fixed top-[15vh] left-1/2 z-50 w-[min(32rem,92vw)] -translate-x-1/2 overflow-hidden rounded-md border border-line bg-surface shadow-card"
      >
        <Cmdk.Input
          placeholder={t("searchHint")}
          className="w-full border-line border-b bg-surface px-4 py-3 text-lg outline-none"
        />
        <Cmdk.List className="max-h-80 overflow-y-auto p-2">
          <Cmdk.Empty className="px-3 py-4 text-soft">{t("nothing")}</Cmdk.Empty>
          {groups.map((group) => (
            <Cmdk.Group
              key={group}
              heading={group}
              className="[&_[cmdk-group-heading]]:px-3 [&_[cmdk-group-heading]]:py-1 [&_[cmdk-group-heading]]:text-soft [&_[cmdk-group-heading]]:text-xs"
            >
              {commands
                .filter((command) => command.group === group)
                .map((command) => (
                  <Cmdk.Item
                    key={command.href + command.label}
                    value={`${group} ${command.label}`}
                    onSelect={() => {
                      setOpen(false);
                      router.push(command.href);
                    }}
                    className="cursor-pointer rounded-md px-3 py-2 data-[selected=true]:bg-accent-soft"
                  >
                    {command.label}
                  </Cmdk.Item>
                ))}
            </Cmdk.Group>
          ))}
        </Cmdk.List>
      </Cmdk.Dialog>
    </>
  );
}
