"use client";

import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { Hash, When } from "@/app/_components/values";
import type { ReadingList } from "@/server/schemas/reading";
import { isUnsigned } from "./is-unsigned";
import { SignReads } from "./sign-reads";

/** How a list that is read to its end is signed; where it is not, the way to sign it, until the lock. */
export function ListSignature({
  study,
  me,
  list,
  locked,
}: {
  study: string;
  me: { email: string; name: string };
  list: ReadingList;
  locked: boolean;
}) {
  const t = useTranslations("reading.sign");
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const { toSign } = list;
  if (!toSign) return null;
  if (!isUnsigned(list))
    return toSign.signed ? (
      <p className="text-sm">
        {t("signed")} <When at={toSign.signed.at} zone /> <Hash value={toSign.sha256} />
      </p>
    ) : null;
  if (locked) return <p className="text-sm text-warning">{t("late")}</p>;
  if (open)
    return (
      <SignReads
        study={study}
        me={me}
        list={list}
        onSigned={() => {
          setOpen(false);
          router.refresh();
        }}
      />
    );
  return (
    <div>
      <Button onClick={() => setOpen(true)}>{t("open", { reads: toSign.reads })}</Button>
    </div>
  );
}
