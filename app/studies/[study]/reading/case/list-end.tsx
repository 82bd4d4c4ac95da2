import { useQuery } from "@tanstack/react-query";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/app/_components/button";
import { EmptyState } from "@/app/_components/empty-state";
import { useTRPC } from "@/app/_lib/trpc";
import { isUnsigned } from "../is-unsigned";
import { SignReads } from "../sign-reads";

/** No case is next: what was read to its end is signed here, one list after the other, or later on the reading page. */
export function ListEnd({ study, me }: { study: string; me: { email: string; name: string } }) {
  const t = useTranslations("reading.case");
  const trpc = useTRPC();
  const { data, refetch } = useQuery(trpc.reading.mine.queryOptions({ study }, { staleTime: 0 }));
  const list = data?.find(isUnsigned);
  return (
    <div className="grid gap-6">
      <EmptyState
        title={t("doneTitle")}
        action={
          <Button kind={list ? "secondary" : "primary"} asChild>
            <Link href={`/studies/${study}/reading`}>{t("toReading")}</Link>
          </Button>
        }
      >
        {t("doneHint")}
      </EmptyState>
      {list ? <SignReads key={list.id} study={study} me={me} list={list} onSigned={() => refetch()} /> : null}
    </div>
  );
}
