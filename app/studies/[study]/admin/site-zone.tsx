"use client";

import { useMutation } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { Button } from "@/app/_components/button";
import { SelectField } from "@/app/_components/field";
import { ProblemList } from "@/app/_components/problem-list";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import type { Site } from "@/server/schemas/study";

/** In which time zone a site is. @param props.zones as IANA names them */
export function SiteZone({ study, site, zones }: { study: string; site: Site; zones: readonly string[] }) {
  const t = useTranslations("admin.site");
  const router = useRouter();
  const trpc = useTRPC();
  const recorded = site.timeZone ?? "";
  const [timeZone, setTimeZone] = useState(recorded);
  const save = useMutation(trpc.admin.setTimeZone.mutationOptions({ onSuccess: () => router.refresh() }));
  const offered = zones.includes(recorded) ? zones : [recorded, ...zones];
  return (
    <form
      method="post"
      className="flex flex-wrap items-end gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ study, siteId: site.id, timeZone });
      }}
    >
      {save.error ? <ProblemList {...problemOf(save.error)} /> : null}
      <SelectField
        label={t("timeZone", { site: site.name })}
        value={timeZone}
        onChange={(event) => setTimeZone(event.target.value)}
        options={offered.map((zone) => ({ value: zone, label: zone || t("ofServer") }))}
      />
      <Button type="submit" disabled={save.isPending || timeZone === recorded}>
        {save.isPending ? t("saving") : t("save")}
      </Button>
    </form>
  );
}
