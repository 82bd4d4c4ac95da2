"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { signOut } from "next-auth/react";
import { useTranslations } from "next-intl";
import { Dialog } from "radix-ui";
import { type ReactNode, useEffect, useState } from "react";
import { useFormat } from "@/app/_i18n/format";
import { draftsOf, forgetDrafts } from "@/app/_lib/drafts";
import { StateBadge, SyntheticBadge } from "./badge";
import { Button } from "./button";
import { cn } from "./class-names";
import { type Command, CommandMenu } from "./command-menu";
import { LanguageSwitch } from "./language-switch";
import { ThemeSwitch } from "./theme-switch";

export interface FrameProps {
  study: {
    slug: string;
    name: string;
    state: "running" | "locked";
    synthetic: boolean;
    protocolTitle: string;
    protocolVersion: string;
  } | null;
  /** Only the workplaces that this person has. */
  workplaces: readonly { href: string; label: string }[];
  studies: readonly { slug: string; name: string }[];
  person: { name: string; email: string; administersAccounts: boolean };
  roles: readonly string[];
  children: ReactNode;
}

function Rail({
  study,
  workplaces,
  studies,
  person,
  onChoose,
}: Pick<FrameProps, "study" | "workplaces" | "studies" | "person"> & { onChoose?: () => void }) {
  const t = useTranslations("frame");
  const path = usePathname();
  const link = (href: string, label: string, current: boolean) => (
    <li key={href}>
      <Link
        href={href}
        onClick={onChoose}
        aria-current={current ? "page" : undefined}
        className={cn(
          "block rounded-md px-3 py-1.5 max-lg:py-2.5",
          current ? "bg-accent-soft font-medium text-accent" : "hover:bg-raised",
        )}
      >
        {label}
      </Link>
    </li>
  );
  const home = study ? `/studies/${study.slug}` : "/studies";
  return (
    <div className="grid gap-6 p-4">
      <Link href="/studies" onClick={onChoose} className="px-3 font-semibold text-lg tracking-tight">
        Nodewise
      </Link>
      {study ? (
        <nav aria-label={t("workplaces")}>
          <ul className="grid gap-0.5">
            {workplaces.map(({ href, label }) =>
              link(href, label, href === home ? path === href : path.startsWith(href)),
            )}
          </ul>
        </nav>
      ) : null}
      <nav aria-label={t("studies")}>
        <p className="mb-1 px-3 text-soft text-xs">{t("studies")}</p>
        <ul className="grid gap-0.5">
          {studies.map(({ slug, name }) =>
            link(`/studies/${slug}`, name, study?.slug === slug && path === `/studies/${slug}`),
          )}
        </ul>
      </nav>
      <nav aria-label={t("tools")}>
        <p className="mb-1 px-3 text-soft text-xs">{t("tools")}</p>
        <ul className="grid gap-0.5">{link("/audit-table", t("auditTable"), path === "/audit-table")}</ul>
      </nav>
      <nav aria-label={t("installation")}>
        <ul className="grid gap-0.5">
          {link("/account", t("account"), path === "/account")}
          {person.administersAccounts ? link("/accounts", t("accounts"), path === "/accounts") : null}
        </ul>
      </nav>
    </div>
  );
}

/** The frame round every page of a signed-in person: rail, top line, main column. */
export function Frame({ study, workplaces, studies, person, roles, children }: FrameProps) {
  const t = useTranslations("frame");
  const { list } = useFormat();
  const [open, setOpen] = useState(false);
  // Of whoever was signed in here before.
  useEffect(() => forgetDrafts(draftsOf(person.email)), [person.email]);
  const commands: Command[] = [
    ...workplaces.map(({ href, label }) => ({ href, label, group: study?.name ?? "" })),
    ...studies.map(({ slug, name }) => ({ href: `/studies/${slug}`, label: name, group: t("studies") })),
    { href: "/audit-table", label: t("auditTable"), group: t("tools") },
    { href: "/account", label: t("account"), group: t("installation") },
    ...(person.administersAccounts ? [{ href: "/accounts", label: t("accounts"), group: t("installation") }] : []),
  ];
  const rail = (
    <Rail study={study} workplaces={workplaces} studies={studies} person={person} onChoose={() => setOpen(false)} />
  );
  return (
    <div className="min-h-dvh lg:grid lg:grid-cols-[15rem_minmax(0,1fr)] print:block">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-md focus:bg-accent focus:p-2 focus:text-accent-text"
      >
        {t("skip")}
      </a>
      <aside className="no-print sticky top-0 hidden h-dvh overflow-y-auto border-line border-r bg-surface lg:block">
        {rail}
      </aside>
      <div className="min-w-0">
        <header className="no-print flex flex-wrap items-center gap-x-4 gap-y-1 border-line border-b bg-surface px-4 py-2 lg:px-8">
          <Dialog.Root open={open} onOpenChange={setOpen}>
            <Dialog.Trigger asChild>
              <Button kind="quiet" className="lg:hidden" aria-label={t("menu")}>
                <span aria-hidden="true">☰</span>
              </Button>
            </Dialog.Trigger>
            <Dialog.Portal>
              <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
              <Dialog.Content
                aria-describedby={undefined}
                className="fixed inset-y-0 left-0 z-50 w-72 max-w-[85vw] overflow-y-auto bg-surface shadow-card"
              >
                <Dialog.Title className="sr-only">{t("menu")}</Dialog.Title>
                {rail}
              </Dialog.Content>
            </Dialog.Portal>
          </Dialog.Root>
          {study ? (
            <div className="flex min-w-0 flex-wrap items-center gap-2 max-sm:order-last max-sm:w-full">
              <span className="truncate font-medium">{study.name}</span>
              <span className="text-soft text-sm max-sm:hidden" title={study.protocolTitle}>
                {t("protocol", { version: study.protocolVersion })}
              </span>
              <StateBadge state={study.state} />
              {study.synthetic ? <SyntheticBadge /> : null}
            </div>
          ) : null}
          <div className="ml-auto flex items-center gap-2">
            <CommandMenu commands={commands} />
            <LanguageSwitch />
            <ThemeSwitch />
            <Link
              href="/account"
              className="rounded-md px-2 py-1 text-right text-sm leading-tight hover:bg-raised max-md:hidden"
            >
              {person.name}
              <br />
              <span className="text-soft">{list(roles) || person.email}</span>
            </Link>
            <Button
              kind="quiet"
              onClick={() => {
                forgetDrafts();
                signOut({ callbackUrl: "/login" });
              }}
            >
              {t("signOut")}
            </Button>
          </div>
        </header>
        <main id="main" className="mx-auto max-w-[1280px] px-4 py-6 lg:px-8">
          {children}
        </main>
      </div>
    </div>
  );
}
