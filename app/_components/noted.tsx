import { useFormat } from "@/app/_i18n/format";
import { usePerson } from "@/app/_i18n/person";
import { When } from "./values";

/** Who wrote something down, and when, with the time zone. */
export function Noted({ by, at }: { by: string | null; at: Date }) {
  const person = usePerson();
  const { comma } = useFormat();
  return (
    <span>
      {person(by)}
      {comma}
      <When at={at} zone />
    </span>
  );
}
