import { useCallback, useEffect, useRef } from "react";
import { nonceBytes, type ReadingCase } from "@/server/schemas/reading";

interface Sealed {
  nonce: string;
  iv: Uint8Array<ArrayBuffer>;
  images: Uint8Array<ArrayBuffer>;
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Brings the case after the one in hand ahead while that is read, sealed: its key comes with the answer to the read (`server/services/reading/case-ahead.ts`). Where
 * that does not come in time, or the browser opens nothing (a page that comes neither by HTTPS nor from this machine), the images come with the answer.
 * @param slotId the case in hand; undefined: none
 */
export function useCaseAhead(study: string, slotId: string | undefined) {
  const held = useRef<Sealed | null>(null);
  useEffect(() => {
    held.current = null;
    if (!slotId || !window.isSecureContext) return;
    const stop = new AbortController();
    const bring = async () => {
      const answer = await fetch(`/api/studies/${study}/reading/${slotId}/ahead`, { signal: stop.signal });
      if (answer.status !== 200) return;
      const bytes = new Uint8Array(await answer.arrayBuffer());
      const iv = bytes.slice(0, nonceBytes);
      if (!stop.signal.aborted) held.current = { nonce: hex(iv), iv, images: bytes.slice(nonceBytes) };
    };
    // What did not come ahead comes with the answer.
    bring().catch(() => {});
    return () => stop.abort();
  }, [study, slotId]);

  /** The nonce of what lies here, for the server to give its key. */
  const nonce = useCallback(() => held.current?.nonce, []);
  /** The case of an answer with its images; rejects where the key does not open what lies here. */
  const opened = useCallback(async (answer: ReadingCase | null): Promise<ReadingCase | null> => {
    if (!answer?.key) return answer;
    const sealed = held.current;
    if (!sealed) throw new Error("Nothing was brought ahead.");
    const bytes = Uint8Array.from(atob(answer.key), (character) => character.charCodeAt(0));
    const key = await crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["decrypt"]);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.images);
    return { ...answer, crops: JSON.parse(new TextDecoder().decode(plain)) };
  }, []);
  return { nonce, opened };
}
