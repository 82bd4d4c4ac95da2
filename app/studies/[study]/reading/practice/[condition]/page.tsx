import { notFound } from "next/navigation";
import { pageTitle } from "@/app/_i18n/page-title";
import { load } from "@/app/_lib/api";
import { readingKeys } from "../../case/keys";
import { PracticeRoom } from "./practice-room";

export const generateMetadata = pageTitle("reading.practice.page");

export default async function PracticePage({ params }: { params: Promise<{ study: string; condition: string }> }) {
  const { study, condition } = await params;
  const { asked, frame, me, keys, due } = await load(async (api) => ({
    asked: await api.practice.mine({ study }),
    frame: await api.study.frame({ study }),
    me: await api.person.me(),
    keys: await api.person.keys({ name: readingKeys.name }),
    due: await api.reading.displayCheckDue({ study }),
  }));
  if (!asked.some(({ condition: { key } }) => key === condition)) notFound();
  return (
    <PracticeRoom
      {...{ study, condition }}
      person={me.email}
      synthetic={frame.study.synthetic}
      chosenKeys={keys}
      displayCheck={due}
    />
  );
}
