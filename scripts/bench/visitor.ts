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
