import { createTranslator } from "use-intl/core";
import bundleEn from "./en/bundle.json";
import checklistsEn from "./en/checklists.json";
import cliEn from "./en/cli.json";
import designEn from "./en/design.json";
import dicomEn from "./en/dicom.json";
import errorsEn from "./en/errors.json";
import fieldsEn from "./en/fields.json";
import imageExportEn from "./en/image-export.json";
import mailEn from "./en/mail.json";
import modelEn from "./en/model.json";
import paperEn from "./en/paper.json";
import protocolEn from "./en/protocol.json";
import reportEn from "./en/report.json";
import statsEn from "./en/stats.json";
import workerEn from "./en/worker.json";
import type { Locale } from "./locale";
import bundleZh from "./zh/bundle.json";
import checklistsZh from "./zh/checklists.json";
import cliZh from "./zh/cli.json";
import designZh from "./zh/design.json";
import dicomZh from "./zh/dicom.json";
import errorsZh from "./zh/errors.json";
import fieldsZh from "./zh/fields.json";
import imageExportZh from "./zh/image-export.json";
import mailZh from "./zh/mail.json";
import modelZh from "./zh/model.json";
import paperZh from "./zh/paper.json";
import protocolZh from "./zh/protocol.json";
import reportZh from "./zh/report.json";
import statsZh from "./zh/stats.json";
import workerZh from "./zh/worker.json";

export { type Locale, locales } from "./locale";

/**
 * The words that pages, model card and command line share: errors, problems of forms and protocols, reasons of statistics, regimens. One file a namespace and
 * language, as ICU messages. What only a page says is in `app/_messages/`; pages see both under one roof (`app/_i18n/request.ts`).
 */
const en = {
  bundle: bundleEn,
  checklists: checklistsEn,
  cli: cliEn,
  dicom: dicomEn,
  design: designEn,
  errors: errorsEn,
  fields: fieldsEn,
  imageExport: imageExportEn,
  mail: mailEn,
  model: modelEn,
  paper: paperEn,
  protocol: protocolEn,
  report: reportEn,
  stats: statsEn,
  worker: workerEn,
};
const zh: typeof en = {
  bundle: bundleZh,
  checklists: checklistsZh,
  cli: cliZh,
  dicom: dicomZh,
  design: designZh,
  errors: errorsZh,
  fields: fieldsZh,
  imageExport: imageExportZh,
  mail: mailZh,
  model: modelZh,
  paper: paperZh,
  protocol: protocolZh,
  report: reportZh,
  stats: statsZh,
  worker: workerZh,
};
export const words = { en, zh } satisfies Record<Locale, typeof en>;

type Leaves<T> = { [K in keyof T & string]: T[K] extends string ? K : `${K}.${Leaves<T[K]>}` }[keyof T & string];

/** A message by namespace and name, e.g. "errors.study_locked". */
export type WordKey = Leaves<typeof en>;
/** Names and numbers go in as they are; what is itself said in words goes in as something to say. */
export type WordValues = Record<string, string | number | Said>;

/** Whether a text names a message, as the problem of a schema does. */
export const isWordKey = (text: string): text is WordKey =>
  typeof text
    .split(".")
    .reduce<unknown>(
      (at, name) => (typeof at === "object" && at !== null && name in at ? at[name as keyof typeof at] : undefined),
      en,
    ) === "string";

/** Something to say, in no language yet. */
export interface Said {
  key: WordKey;
  values?: WordValues;
}

const translators = {
  en: createTranslator({ locale: "en", messages: en }),
  zh: createTranslator({ locale: "zh", messages: zh }),
};

/** Words of one language: `sayIn("zh")({ key: "errors.unavailable" })`. */
export function sayIn(locale: Locale): (said: Said) => string {
  const translate = translators[locale];
  const say = ({ key, values = {} }: Said): string =>
    translate(
      key,
      Object.fromEntries(
        Object.entries(values).map(([name, value]) => [name, typeof value === "object" ? say(value) : value]),
      ),
    );
  return say;
}
