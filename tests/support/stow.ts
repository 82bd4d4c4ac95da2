import http from "node:http";
import { pipeline, Readable } from "node:stream";

export const boundary = "BOUNDARY";
export const related = `multipart/related; type="application/dicom"; boundary=${boundary}`;

/** Parts as a body of PS3.18 has them. `header` is that of each. */
export async function* multipart(
  parts: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>,
  header = "Content-Type: application/dicom",
): AsyncGenerator<Uint8Array> {
  for await (const part of parts) {
    yield Buffer.from(`--${boundary}\r\n${header}\r\n\r\n`);
    yield typeof part === "string" ? Buffer.from(part) : part;
    yield Buffer.from("\r\n");
  }
  yield Buffer.from(`--${boundary}--\r\n`);
}

interface Item {
  "00081155"?: { Value: string[] };
  "00081196"?: { Value: number[] };
  "00081197"?: { Value: number[] };
  "00000902"?: { Value: string[] };
}

export interface Answered {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** UIDs of what is answered as stored, and of what failed with its reason in hex; those without a UID as "?". */
  stored: string[];
  failed: string[];
}

/** One request as an archive sends it: its body streams, and is sent no faster than it is taken. */
export function post(
  to: { port: number; token?: string | undefined },
  body: AsyncIterable<Uint8Array> | Uint8Array | string,
  more: { path?: string; method?: string; type?: string; headers?: Record<string, string> } = {},
): Promise<Answered> {
  return new Promise((done, failed) => {
    const { path = "/studies", method = "POST", type = related, headers } = more;
    const request = http.request(
      {
        ...{ host: "127.0.0.1", port: to.port, path, method, agent: false },
        headers: {
          "Content-Type": type,
          ...(to.token !== undefined && { Authorization: `Bearer ${to.token}` }),
          ...headers,
        },
      },
      async (response) => {
        const text = Buffer.concat(await response.toArray()).toString();
        request.destroy();
        done({ status: response.statusCode ?? 0, headers: response.headers, text, ...told(text) });
      },
    );
    request.on("error", failed);
    if (typeof body === "string" || body instanceof Uint8Array) request.end(body);
    else pipeline(Readable.from(body), request, (error) => error && failed(error));
  });
}

function told(text: string): Pick<Answered, "stored" | "failed"> {
  if (!text.startsWith("{")) return { stored: [], failed: [] };
  const answer: Record<string, { Value?: Item[] }> = JSON.parse(text);
  const items = (tag: string) => answer[tag]?.Value ?? [];
  const uid = (item: Item) => item["00081155"]?.Value[0] ?? "?";
  const reason = (item: Item) => (item["00081197"]?.Value[0] ?? 0).toString(16).padStart(4, "0");
  return {
    stored: items("00081199").map(uid),
    failed: [...items("00081198"), ...items("0008119A")].map((item) => `${uid(item)} ${reason(item)}`),
  };
}
