import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ComponentProps } from "react";
import { Button } from "./button";

/** To everything that is recorded of a node. */
export function PassportLink({
  study,
  nodeId,
  kind = "quiet",
}: { study: string; nodeId: string } & Pick<ComponentProps<typeof Button>, "kind">) {
  const t = useTranslations("passport");
  return (
    <Button kind={kind} asChild>
      <Link href={`/studies/${study}/nodes/${nodeId}`}>{t("open")}</Link>
    </Button>
  );
}
