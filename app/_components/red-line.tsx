import { getTranslations } from "next-intl/server";
import { api } from "@/app/_lib/api";

/** Over every page, on paper as well: accounts whose password everybody knows stand open beside a real study. */
export async function RedLine() {
  // While the database is away the page itself says so.
  const isBeside = await api().then(
    (caller) => caller.person.demonstrationBesideStudy(),
    () => false,
  );
  if (!isBeside) return null;
  const t = await getTranslations("parts");
  return (
    <p role="note" className="border-danger border-b-2 bg-danger-soft px-4 py-2 font-medium text-danger text-sm">
      {t("besideStudy")}
    </p>
  );
}
