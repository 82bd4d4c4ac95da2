"use client";

import { useMutation } from "@tanstack/react-query";
import { useTranslations } from "next-intl";
import { useEffect, useState, useSyncExternalStore } from "react";
import { Button } from "@/app/_components/button";
import { ProblemList } from "@/app/_components/problem-list";
import { isTyped } from "@/app/_keys/is-typed";
import { useKeyDown } from "@/app/_keys/use-key-down";
import { problemOf, useTRPC } from "@/app/_lib/trpc";
import { type Corner, corners, patches, timesEach } from "@/core/reading/display-check";
import type { DisplayCheckAsked } from "@/server/schemas/reading";

type Patch = (typeof patches)[number];
interface Look {
  patch: Patch;
  corner: Corner;
}
type Found = Record<Patch["key"], number>;
const nothing: Found = { dark: 0, bright: 0 };

const grey = (level: number) => `rgb(${level} ${level} ${level})`;
const places = {
  1: "top-[12%] left-[12%]",
  2: "top-[12%] right-[12%]",
  3: "bottom-[12%] left-[12%]",
  4: "right-[12%] bottom-[12%]",
};

const drawCorner = (): Corner => corners[(crypto.getRandomValues(new Uint8Array(1))[0] ?? 0) % corners.length] ?? 1;
/** Each kind so often, in turn, so that the eye does not settle on black or white. */
const drawLooks = (): Look[] =>
  Array.from({ length: timesEach }, () => patches.map((patch) => ({ patch, corner: drawCorner() }))).flat();

const listen = (changed: () => void) => {
  window.addEventListener("resize", changed);
  return () => window.removeEventListener("resize", changed);
};

/** Before a session: whether the screen tells near-black from black and near-white from white, on a page that is large enough. */
export function DisplayCheck({
  study,
  person,
  asked,
  onPassed,
}: {
  study: string;
  /** The reader's e-mail address. */
  person: string;
  asked: DisplayCheckAsked;
  onPassed: () => void;
}) {
  const t = useTranslations("reading.display");
  const trpc = useTRPC();
  const size = useSyncExternalStore(
    listen,
    () => `${window.innerWidth} ${window.innerHeight}`,
    () => `${asked.minWidth} ${asked.minHeight}`,
  );
  const [width = 0, height = 0] = size.split(" ").map(Number);
  const [looks, setLooks] = useState<Look[]>([]);
  const [at, setAt] = useState(0);
  const [found, setFound] = useState(nothing);
  const again = () => {
    setLooks(drawLooks());
    setAt(0);
    setFound(nothing);
  };
  useEffect(() => setLooks(drawLooks()), []);
  const check = useMutation(
    trpc.reading.checkDisplay.mutationOptions({ onSuccess: ({ passed }) => passed && onPassed() }),
  );
  const look = looks[at];
  const tooSmall = width < asked.minWidth || height < asked.minHeight;
  const answer = (corner: Corner | 0) => {
    if (!look || tooSmall) return;
    const now = { ...found, [look.patch.key]: found[look.patch.key] + (corner === look.corner ? 1 : 0) };
    setFound(now);
    setAt(at + 1);
    if (at + 1 < looks.length) return;
    const pixelRatio = Math.round(100 * window.devicePixelRatio);
    check.mutate({ study, reader: person, ...now, width, height, pixelRatio });
  };
  useKeyDown((event) => {
    if (isTyped(event.target) || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    const corner = event.key === "0" ? 0 : corners.find((each) => String(each) === event.key);
    if (corner === undefined) return;
    event.preventDefault();
    answer(corner);
  });
  return (
    <div className="mx-auto grid max-w-2xl gap-5 px-4 py-10">
      <h1>{t("title")}</h1>
      {tooSmall ? (
        <p role="alert">{t("small", { width, height, ...asked })}</p>
      ) : look ? (
        <>
          <p role="status">
            <span className="text-soft">{t("step", { n: at + 1, of: looks.length })}</span>
            <br />
            {t("what", { kind: look.patch.key })}
          </p>
          <fieldset
            className="relative grid h-80 grid-cols-2 grid-rows-2 border border-line"
            style={{ background: grey(look.patch.round) }}
          >
            <legend className="sr-only">{t("what", { kind: look.patch.key })}</legend>
            <span
              aria-hidden
              data-testid="square"
              className={`absolute size-16 ${places[look.corner]}`}
              style={{ background: grey(look.patch.square) }}
            />
            {corners.map((corner) => (
              <button
                key={corner}
                type="button"
                aria-label={t("corner", { n: corner })}
                onClick={() => answer(corner)}
                className={`z-10 p-2 text-sm ${look.patch.key === "dark" ? "text-white/60" : "text-black/60"} ${corner > 2 ? "self-end" : "self-start"} ${corner % 2 === 0 ? "justify-self-end" : "justify-self-start"} h-full w-full ${corner % 2 === 0 ? "text-right" : "text-left"}`}
              >
                {corner}
              </button>
            ))}
          </fieldset>
          <div className="flex flex-wrap items-center gap-3">
            <Button onClick={() => answer(0)}>{t("nowhere")} (0)</Button>
            <span className="text-soft text-sm">{t("how")}</span>
          </div>
          <figure className="grid gap-1">
            <div aria-hidden className="flex h-8 border border-line">
              {Array.from({ length: 21 }, (_, step) => Math.round((step * 255) / 20)).map((level) => (
                <span key={level} className="grow" style={{ background: grey(level) }} />
              ))}
            </div>
            <figcaption className="text-soft text-sm">{t("greys")}</figcaption>
          </figure>
        </>
      ) : check.error ? (
        <ProblemList {...problemOf(check.error)} />
      ) : check.data && !check.data.passed ? (
        <p role="alert">{t("failed", { found: found.dark + found.bright, of: looks.length })}</p>
      ) : (
        <p role="status">{t("saving")}</p>
      )}
      {!look && (check.error || check.data?.passed === false) ? (
        <div>
          <Button
            kind="primary"
            autoFocus
            onClick={() => {
              check.reset();
              again();
            }}
          >
            {t("again")}
          </Button>
        </div>
      ) : null}
      <p className="text-soft text-sm">{t("why")}</p>
    </div>
  );
}
