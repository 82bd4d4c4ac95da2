import { useTranslations } from "next-intl";

/** A person's name in a record; null is somebody who is no member of the study, such as whoever works on the server. */
export function usePerson() {
  const t = useTranslations("model");
  return (name: string | null) => name ?? t("not_a_member");
}
