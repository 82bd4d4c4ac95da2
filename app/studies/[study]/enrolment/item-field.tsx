import { useTranslations } from "next-intl";
import type { ComponentProps } from "react";
import { SelectField, TextField } from "@/app/_components/field";
import type { BaselineItem } from "@/core/protocol/values";

/** The field of one item that the protocol asks for. What may stand in it is checked by `core/protocol/values.ts`. */
export function ItemField({
  item,
  error,
  ...props
}: { item: BaselineItem; error?: string | undefined } & ComponentProps<"input"> & ComponentProps<"select">) {
  const t = useTranslations("enrolment.subject");
  const label = item.required ? item.label : t("optional", { label: item.label });
  switch (item.type) {
    case "choice":
      return (
        <SelectField
          {...{ label, error, ...props }}
          options={[
            { value: "", label: t("choose") },
            ...item.options.map((option) => ({ value: option.key, label: option.label })),
          ]}
        />
      );
    case "number":
      return (
        <TextField {...{ label, error, ...props }} inputMode="decimal" {...(item.unit ? { unit: item.unit } : {})} />
      );
    case "date":
      return <TextField {...{ label, error, ...props }} type="date" />;
    case "text":
      return <TextField {...{ label, error, ...props }} />;
  }
}
