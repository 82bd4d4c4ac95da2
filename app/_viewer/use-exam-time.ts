import { useMutation } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useRef } from "react";
import {
  type ActiveTime,
  beginTime,
  counted,
  moved,
  signsOfWork,
  tellable,
  told,
  turned,
  untold,
} from "@/app/_lib/active-time";
import { draftsOf } from "@/app/_lib/drafts";
import { problemOf, useTRPC } from "@/app/_lib/trpc";

/** Milliseconds between two looks at the clock, and between two times that the server is told. */
const betweenLooks = 1000;
const betweenTold = 15_000;

/** What the server says of time that is none of this exam; anything else may pass. */
const refusals: ReadonlySet<string | null> = new Set(["conflict", "locked", "forbidden", "not_found", "invalid"]);

/**
 * Counts how long somebody works on the exam that is open, and tells the server. What is not told yet is kept in this tab, so that a reload loses nothing.
 * @param place.person e-mail address
 * @param place.counts whether time counts for this person at all
 */
export function useExamTime({
  study,
  examId,
  person,
  counts,
}: Record<"study" | "examId" | "person", string> & { counts: boolean }) {
  const trpc = useTRPC();
  const key = `${draftsOf(person)}time-${examId}`;
  const { mutateAsync } = useMutation(trpc.series.addTime.mutationOptions());
  const time = useRef<ActiveTime | null>(null);
  const isTelling = useRef(false);

  const count = useEffectEvent((change: (time: ActiveTime, now: number) => ActiveTime) => {
    if (!time.current) return;
    time.current = change(time.current, performance.now());
    sessionStorage.setItem(key, String(Math.floor(time.current.worked / 1000)));
  });
  const send = useEffectEvent(async (seconds: number): Promise<"told" | "refused" | "unanswered"> => {
    isTelling.current = true;
    try {
      await mutateAsync({ study, examId, seconds });
      return "told";
    } catch (error) {
      return refusals.has(problemOf(error).code) ? "refused" : "unanswered";
    } finally {
      isTelling.current = false;
    }
  });
  /** What was left untold before is told first, of which the server knows since when; where that is refused, it was told before. */
  const begin = useEffectEvent(async () => {
    const left = Number(sessionStorage.getItem(key) ?? 0);
    let answer = await send(left);
    if (answer === "refused" && left > 0) answer = await send(0);
    return answer;
  });
  /** Seconds that are on their way are kept no longer: who leaves meanwhile does not tell them twice. Refused, they are no time of this exam, and gone. */
  const report = useEffectEvent(async (seconds: number) => {
    count((before) => told(before, seconds));
    if ((await send(seconds)) === "unanswered") count((before) => untold(before, seconds));
  });
  const tell = useEffectEvent(() => {
    count(counted);
    const seconds = time.current && !isTelling.current ? tellable(time.current) : 0;
    if (seconds > 0) void report(seconds);
  });

  useEffect(() => {
    if (!counts) return;
    let [isOver, leaves] = [false, false];
    const start = async () => {
      if (time.current || isOver || isTelling.current) return;
      const answer = await begin();
      // A study that was locked, a patient who withdrew.
      if (answer === "refused") isOver = true;
      if (answer !== "told" || isOver) return;
      time.current = beginTime(performance.now(), document.visibilityState === "visible");
      count(counted);
    };
    const turn = () => {
      const isVisible = document.visibilityState === "visible";
      count((before, now) => turned(before, now, isVisible));
      // What is sent by a page that goes does not arrive; it is kept.
      if (!isVisible && !leaves) tell();
    };
    const leave = () => {
      leaves = true;
      count(counted);
    };
    const come = () => {
      leaves = false;
    };
    const move = () => count(moved);
    void start();
    for (const sign of signsOfWork) window.addEventListener(sign, move, { capture: true, passive: true });
    document.addEventListener("visibilitychange", turn);
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", come);
    const looking = setInterval(() => count(counted), betweenLooks);
    const telling = setInterval(() => {
      void start();
      tell();
    }, betweenTold);
    return () => {
      isOver = true;
      tell();
      time.current = null;
      for (const sign of signsOfWork) window.removeEventListener(sign, move, { capture: true });
      document.removeEventListener("visibilitychange", turn);
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("pageshow", come);
      clearInterval(looking);
      clearInterval(telling);
    };
  }, [counts]);
}
