import { timingSafeEqual } from "node:crypto";
import http, { type IncomingMessage, type ServerResponse } from "node:http";
import https from "node:https";
import { MIMEType } from "node:util";
import { imageNamesOf } from "@/core/dicom/read";
import { sayIn } from "@/core/words";
import { largestImageFile } from "@/server/schemas/series";
import { sha256 } from "@/server/sha256";
import { InHand } from "./in-hand";
import { listenOn, type Place } from "./listen-on";
import { noteDrops } from "./note-drops";
import { isBoundary, MalformedBody, type Part, partsOf, TooLarge } from "./parts";
import { commentOf, limits, nameOf, type Receiving, type Reception } from "./receiver";
import { reasons, type Stored, storeAnswer } from "./store-answer";

export interface WebReceiving extends Pick<Receiving, "log"> {
  /** What a sender shows to be one. */
  token: string;
  begin: () => Reception;
}

/** Images of one request; an archive sends a study, a series or one at a time. */
const mostParts = 20_000;
/** How long what a sender goes on sending is thrown away after its answer, so that it reads it; ms. */
const lingering = 5_000;
const retryAfter = "60";

/**
 * Listens for images over HTTP (STOW-RS, PS3.18 section 10.5) on one address, until closed: POST /studies and /studies/{study}, and nothing else. An image is answered as stored when its bytes
 * and its row are safe.
 * @throws Error where the address cannot be listened on
 */
export async function listenWeb(
  place: Place,
  receiving: WebReceiving,
): Promise<{ port: number; close: () => Promise<void> }> {
  const { log } = receiving;
  // A request may take hours, as long as its parts come: each has its deadline.
  const options = { headersTimeout: limits.greeting, requestTimeout: 0 };
  const server = place.tls
    ? https.createServer({ ...options, ...place.tls, handshakeTimeout: limits.greeting })
    : http.createServer(options);
  server.timeout = limits.silence;
  server.maxConnections = limits.connections;
  noteDrops(server, { limit: limits.connections, log });
  const isAllowed = tokenCheck(receiving.token);
  const asked = (request: IncomingMessage, response: ServerResponse) => {
    const answered = isAllowed(request)
      ? storing(request, response, receiving)
      : Promise.resolve({ status: 401, headers: { "WWW-Authenticate": 'Bearer realm="nodewise"' } });
    answered
      .then((answer) => end(request, response, answer))
      .catch((error: unknown) => {
        if (!request.socket.destroyed) log.error({ err: nameOf(error) }, "a request");
        request.socket.destroy();
      });
  };
  // One that waits to be told to go on is told so when it may.
  server.on("request", asked).on("checkContinue", asked);
  const port = await listenOn(server, place);
  return {
    port,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Whether a request shows the token, in a time that tells nothing of it. */
function tokenCheck(token: string): (request: IncomingMessage) => boolean {
  const digestOf = (text: string) => Buffer.from(sha256(text));
  const expected = digestOf(token);
  return ({ headers }) => {
    const [, shown = ""] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
    return timingSafeEqual(digestOf(shown), expected);
  };
}

interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: { type: string; text: string };
}

function end(request: IncomingMessage, response: ServerResponse, { status, headers, body }: Answer): void {
  response.writeHead(status, {
    ...headers,
    ...(body && { "Content-Type": body.type }),
    "Content-Length": Buffer.byteLength(body?.text ?? ""),
  });
  response.end(body?.text);
  if (request.complete) return;
  request.resume();
  const { socket } = request;
  const closing = setTimeout(() => socket.destroy(), lingering);
  request.once("close", () => clearTimeout(closing));
}

type Refusal = "no_such_place" | "post_alone" | "media_type" | "no_boundary" | "encoded";

/** Read by whoever runs the archive, in whichever of the two languages. */
const refused = (status: number, name: Refusal, headers: Record<string, string> = {}): Answer => {
  const text = (["en", "zh"] as const).map((locale) => `${sayIn(locale)({ key: `dicom.web.${name}` })}\n`).join("");
  return { status, headers, body: { type: "text/plain; charset=utf-8", text } };
};

const ofStudy = /^\/studies(?:\/([\d.]{1,64}))?\/?$/;

async function storing(request: IncomingMessage, response: ServerResponse, receiving: WebReceiving): Promise<Answer> {
  const [path = ""] = (request.url ?? "").split("?");
  const place = ofStudy.exec(path);
  if (!place) return refused(404, "no_such_place");
  if (request.method !== "POST") return refused(405, "post_alone", { Allow: "POST" });
  const type = mediaTypeOf(request.headers["content-type"]);
  if (type?.essence !== "multipart/related" || type.params.get("type")?.toLowerCase() !== "application/dicom")
    return refused(415, "media_type");
  if ((request.headers["content-encoding"] ?? "identity").toLowerCase() !== "identity")
    return refused(415, "encoded", { "Accept-Encoding": "identity" });
  const boundary = type.params.get("boundary") ?? "";
  if (!isBoundary(boundary)) return refused(400, "no_boundary");
  if (request.headers.expect) response.writeContinue();
  return stored(request, { boundary, study: place[1] }, receiving);
}

/** Takes part after part. Only what came to its end is answered as done: of what would have come after, a sender would be told nothing, so it sends all again. */
async function stored(
  request: IncomingMessage,
  { boundary, study }: { boundary: string; study: string | undefined },
  { begin, log }: WebReceiving,
): Promise<Answer> {
  const coming = new InHand();
  const body: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  const parts: Stored[] = [];
  const reception = begin();
  const deadline = setTimeout(() => request.socket.destroy(), limits.message);
  try {
    for await (const part of partsOf(body, boundary, { longest: largestImageFile, keep: keepIn(coming) })) {
      if (parts.length === mostParts) throw new TooLarge();
      parts.push(await taken(reception, part, study));
      coming.letGo();
      deadline.refresh();
    }
    if (parts.length === 0) throw new MalformedBody("it has no part");
    const failed = parts.filter(({ failure }) => failure).length;
    return answer(failed === 0 ? 200 : failed < parts.length ? 202 : 409, parts);
  } catch (error) {
    if (error instanceof MalformedBody) return answer(400, parts);
    if (error instanceof TooLarge) return answer(413, parts);
    if (error instanceof NoRoom) return { ...answer(503, parts), headers: { "Retry-After": retryAfter } };
    if (!(error instanceof NotStored)) throw error;
    log.error({ err: nameOf(error.cause) }, "an image could not be stored");
    parts.push({
      names: error.names,
      failure: { reason: reasons.outOfResources, comment: "Not stored; send again later" },
    });
    return { ...answer(503, parts), headers: { "Retry-After": retryAfter } };
  } finally {
    clearTimeout(deadline);
    coming.letGo();
    await body.return?.();
    // What is stored is answered as stored, whatever becomes of the note.
    await reception.end().catch((error: unknown) => log.error({ err: nameOf(error) }, "the end of a request"));
  }
}

/** All connections together hold as much as may be held. */
class NoRoom extends Error {
  override name = "NoRoom";
}

const keepIn = (coming: InHand) => (more: number) => {
  const room = coming.add(more);
  if (room === "too_long") throw new TooLarge();
  if (room === "no_room") throw new NoRoom();
};

class NotStored extends Error {
  override name = "NotStored";
  constructor(
    readonly names: Stored["names"],
    options: ErrorOptions,
  ) {
    super("not stored", options);
  }
}

const nobody = { sopClass: undefined, sopInstance: undefined, study: undefined };

/** @throws NotStored */
async function taken(reception: Reception, { contentType, bytes }: Part, study: string | undefined): Promise<Stored> {
  if (mediaTypeOf(contentType)?.essence !== "application/dicom")
    return {
      names: nobody,
      failure: { reason: reasons.cannotUnderstand, comment: "The part is no application/dicom" },
    };
  const names = imageNamesOf(bytes);
  if (study !== undefined && names.study !== study)
    return {
      names,
      failure: { reason: reasons.otherStudy, comment: "The image is of another study than the address" },
    };
  const { outcome, reason } = await reception.take(bytes).catch((cause: unknown) => {
    throw new NotStored(names, { cause });
  });
  if (outcome !== "refused") return { names };
  const isSyntax = reason?.key === "dicom.refused.transfer_syntax";
  return {
    names,
    failure: { reason: isSyntax ? reasons.transferSyntax : reasons.cannotUnderstand, comment: commentOf(reason) },
  };
}

const answer = (status: number, parts: readonly Stored[]): Answer => ({
  status,
  body: { type: "application/dicom+json", text: JSON.stringify(storeAnswer(parts)) },
});

function mediaTypeOf(text: string | undefined): MIMEType | undefined {
  try {
    return text === undefined ? undefined : new MIMEType(text);
  } catch {
    return undefined;
  }
}
