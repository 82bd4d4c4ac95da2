import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";

/** A browser's session without a browser: cookies, the origin of the pages, JSON. */
export class Visitor {
  private readonly cookies = new Map<string, string>();
  constructor(private readonly url: string) {}

  async fetch(path: string, options: RequestInit = {}): Promise<Response> {
    const response = await fetch(new URL(path, this.url), {
      ...options,
      redirect: "manual",
      headers: {
        origin: this.url,
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...options.headers,
      },
    });
    for (const cookie of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined && value !== undefined) this.cookies.set(name, value);
    }
    return response;
  }

  /** Signs in as the page does. @returns the status of the answer, and how long it took from the password sent */
  async signIn(email: string, password: string): Promise<{ status: number; milliseconds: number }> {
    const { csrfToken } = z.object({ csrfToken: z.string() }).parse(await (await this.fetch("/api/auth/csrf")).json());
    const sent = performance.now();
    const answer = await this.fetch("/api/auth/callback/credentials", {
      method: "POST",
      body: new URLSearchParams({ email, password, csrfToken, json: "true" }),
    });
    await answer.text();
    return { status: answer.status, milliseconds: performance.now() - sent };
  }

  mutate(procedure: string, input: object): Promise<Response> {
    return this.fetch(`/api/trpc/${procedure}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ json: input }),
    });
  }
}

const answeredCase = z.object({
  result: z.object({ data: z.object({ json: z.object({ slotId: z.uuid() }).nullable() }) }),
});

/** Milliseconds until what was not answered is asked again. */
const patience = 250;

/** Asks until there is an answer: a connection that ends or a server that is away says nothing about what was done. */
async function insist(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const answer = await ask().catch(() => null);
    if (answer && answer.status < 500) return answer;
    await answer?.body?.cancel();
    await wait(patience);
  }
}

export interface Account {
  email: string;
  password: string;
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
 * @returns the keys of the reads that the server said it has
 */
export async function readOn(
  reader: Visitor,
  { study, pauseMs, signal }: { study: string; pauseMs: number; signal: AbortSignal },
): Promise<string[]> {
  const acknowledged: string[] = [];
  const next = async (procedure: string, input: object) => {
    const answer = await insist(() => reader.mutate(procedure, { study, ...input }));
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${procedure} was refused with ${answer.status}: ${text.slice(0, 300)}`);
    return answeredCase.parse(JSON.parse(text)).result.data.json;
  };
  let shown = await next("reading.open", {});
  while (shown && !signal.aborted) {
    const idempotencyKey = randomUUID();
    const following = await next("reading.submit", {
      slotId: shown.slotId,
      idempotencyKey,
      criteria: {},
      call: "negative",
      confidence: 70,
      activeMs: 1200,
    });
    acknowledged.push(idempotencyKey);
    await wait(pauseMs);
    // The last case of a list is followed by none: the next list is opened by the reader.
    shown = following ?? (await next("reading.open", {}));
  }
  return acknowledged;
}
