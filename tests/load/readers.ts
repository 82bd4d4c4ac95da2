import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { Visitor } from "@/scripts/bench/visitor";
import { nonceBytes } from "@/server/schemas/reading";

const answeredCase = z.object({
  result: z.object({ data: z.object({ json: z.object({ slotId: z.uuid() }).nullable() }) }),
});

/** Milliseconds until what was not answered is asked again. */
const patience = 250;

/** Asks until there is a whole answer: a connection that ends, also within one, or a server that is away says nothing about what was done. */
async function insist(ask: () => Promise<Response>): Promise<{ status: number; text: string }> {
  for (;;) {
    const answer = await ask()
      .then(async (response) => ({ status: response.status, text: await response.text() }))
      .catch(() => null);
    if (answer && answer.status < 500) return answer;
    await wait(patience);
  }
}

export interface Account {
  email: string;
  password: string;
}

export interface AcknowledgedRead {
  idempotencyKey: string;
  milliseconds: number;
}

/** A reader at the door. */
export async function enter(url: string, { email, password }: Account): Promise<Visitor> {
  const reader = new Visitor(url);
  const { status } = await reader.signIn(email, password);
  if (status !== 200) throw new Error(`${email} could not sign in: ${status}`);
  return reader;
}

/**
 * A reader who reads case after case over HTTP until nothing is left or she is told to stop. A read that is not acknowledged is sent again, under the
 * same key.
 * @param pauseMs between two cases
 * @param ahead whether the case after the one in hand is brought sealed meanwhile, as the reading room does, and its key asked for; otherwise the images come with the answers
 * @returns the reads that the server said it has, and how long each answer took
 */
export async function readOn(
  reader: Visitor,
  { study, pauseMs, signal, ahead = false }: { study: string; pauseMs: number; signal: AbortSignal; ahead?: boolean },
): Promise<AcknowledgedRead[]> {
  const acknowledged: AcknowledgedRead[] = [];
  const next = async (procedure: string, input: object) => {
    const { status, text } = await insist(() => reader.mutate(procedure, { study, ...input }));
    if (status !== 200) throw new Error(`${procedure} was refused with ${status}: ${text.slice(0, 300)}`);
    return answeredCase.parse(JSON.parse(text)).result.data.json;
  };
  /** The nonce of what is brought; undefined where nothing follows in the list. */
  const bring = async (slotId: string) => {
    const answer = await reader.fetch(`/api/studies/${study}/reading/${slotId}/ahead`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    return answer.status === 200 ? bytes.subarray(0, nonceBytes).toString("hex") : undefined;
  };
  /** The time in which a case is looked at. */
  const look = async (slotId: string) => (await Promise.all([ahead ? bring(slotId) : undefined, wait(pauseMs)]))[0];
  let shown = await next("reading.open", {});
  while (shown && !signal.aborted) {
    const nonce = await look(shown.slotId);
    const idempotencyKey = randomUUID();
    const sent = performance.now();
    const following = await next("reading.submit", {
      slotId: shown.slotId,
      idempotencyKey,
      criteria: {},
      call: "negative",
      confidence: 70,
      activeMs: 1200,
      ...(nonce && { ahead: nonce }),
    });
    acknowledged.push({ idempotencyKey, milliseconds: performance.now() - sent });
    // The last case of a list is followed by none: the next list is opened by the reader.
    shown = following ?? (await next("reading.open", {}));
  }
  return acknowledged;
}
