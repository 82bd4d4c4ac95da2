import { createRequire } from "node:module";
import type { Socket } from "node:net";
import { Writable } from "node:stream";
import dimse from "dcmjs-dimse";
import type { Logger } from "pino";
import { asFile } from "@/core/dicom/write";
import type { Said } from "@/core/words";
import { largestImageFile } from "@/server/schemas/series";
import type { Received } from "@/server/services/inbox/receive-images";
import { InHand } from "./in-hand";
import { pduLengths } from "./pdu-lengths";

// They would print names of applications, and what they cannot read, to the console: the library, and its own copy of the one that reads commands.
dimse.log.setLevel("silent");
const besideIt = createRequire(createRequire(import.meta.url).resolve("dcmjs-dimse"));
const { log: readerLog }: { log: typeof dimse.log & { getLoggers: () => Record<string, typeof dimse.log> } } =
  besideIt("dcmjs");
for (const each of [readerLog, ...Object.values(readerLog.getLoggers())]) each.setLevel("silent");

/** A PDU of data is as long as we say that it may be, and a request for an association has a few thousand bytes. */
const longestPdu = 256 * 1024;
dimse.Implementation.setMaxPduLength(longestPdu);

export const limits = {
  /** Connections at once; what comes beyond is closed. */
  connections: 20,
  /** Until an association is asked for, of silence within one, and until an image that has begun is whole; ms. */
  greeting: 30_000,
  silence: 120_000,
  message: 600_000,
};

/** The images of one association, one after the other. */
export interface Reception {
  take: (file: Uint8Array) => Promise<Received>;
  /** After the last of them. */
  end: () => Promise<void>;
}

export interface Receiving {
  /** The AE title that senders call, and those from which images are taken. */
  title: string;
  senders: readonly string[];
  begin: (association: { sender: string }) => Reception;
  log: Pick<Logger, "info" | "warn" | "error">;
}

/** PS3.8 table 9-21: rejected for good, by the service user. */
const rejected = { result: 1, source: 1, callingTitle: 3, calledTitle: 7 };
/** PS3.4 table B.2-1. */
const status = { success: 0x0000, outOfResources: 0xa700, cannotUnderstand: 0xc000 };

const verification = "1.2.840.10008.1.1";
const storage = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.[\d.]+$/;

/** One connection: C-ECHO and C-STORE, and nothing else. An image is answered with success when its bytes and its row are safe. */
export class Receiver extends dimse.Scp {
  private readonly peer: Socket;
  private readonly receiving: Receiving;
  private reception: Reception | undefined;
  private pieces: Buffer[] = [];
  private coming = new InHand();
  /** Requests are answered in their order. */
  private turn: Promise<void> = Promise.resolve();
  private deadline: NodeJS.Timeout;

  constructor(socket: Socket, receiving: Receiving) {
    const isWell = pduLengths(longestPdu);
    // Before the library's own listener, which keeps whatever a PDU says it has.
    socket.on("data", (chunk: Buffer) => {
      const room = isWell(chunk) ? this.coming.add(chunk.length) : "too_long";
      if (room === "taken") return;
      receiving.log.warn(
        room === "no_room"
          ? "a connection was closed: all of them together hold as much as may be held"
          : "a connection was closed: its messages are larger than any that is taken",
      );
      socket.destroy();
    });
    super(socket, { connectTimeout: limits.silence });
    this.peer = socket;
    this.receiving = receiving;
    this.deadline = setTimeout(() => socket.destroy(), limits.greeting);
    this.on("networkError", () => socket.destroy());
    this.on("close", () => {
      clearTimeout(this.deadline);
      this.letGo();
      this.afterTurn(async () => this.reception?.end());
    });
  }

  override associationRequested(association: InstanceType<typeof dimse.association.Association>): void {
    const { title, senders, begin, log } = this.receiving;
    const [called, sender] = [association.getCalledAeTitle().trim(), association.getCallingAeTitle().trim()];
    const reason =
      called !== title ? rejected.calledTitle : !senders.includes(sender) ? rejected.callingTitle : undefined;
    if (reason !== undefined || this.reception) {
      // The titles may be anything that somebody sent.
      log.warn({ reason: reason === rejected.calledTitle ? "called AE title" : "calling AE title" }, "rejected");
      this.sendAssociationReject(rejected.result, rejected.source, reason ?? rejected.callingTitle);
      this.peer.end();
      return;
    }
    for (const { id } of association.getPresentationContexts()) {
      const context = association.getPresentationContext(id);
      const [syntax] = context.getTransferSyntaxUids();
      const uid = context.getAbstractSyntaxUid();
      if (syntax && (uid === verification || storage.test(uid)))
        context.setResult(dimse.constants.PresentationContextResult.Accept, syntax);
      else context.setResult(dimse.constants.PresentationContextResult.RejectAbstractSyntaxNotSupported);
    }
    // 0 is "of any length", which we do not say.
    if (association.getMaxPduLength() === 0) association.setMaxPduLength(longestPdu);
    this.reception = begin({ sender });
    this.again();
    this.sendAssociationAccept();
  }

  override associationReleaseRequested(): void {
    this.afterTurn(async () => this.sendAssociationReleaseResponse());
  }

  override abort(): void {
    this.peer.destroy();
  }

  override cEchoRequest(
    request: InstanceType<typeof dimse.requests.CEchoRequest>,
    answer: (response: InstanceType<typeof dimse.responses.CEchoResponse>) => void,
  ): void {
    this.again();
    const response = dimse.responses.CEchoResponse.fromRequest(request);
    response.setStatus(status.success);
    this.afterTurn(async () => answer(response));
  }

  override createStoreWritableStream(): Writable {
    this.pieces = [];
    return new Writable({
      // What is written is kept at once, so nobody waits.
      highWaterMark: largestImageFile,
      write: (piece: Buffer, _, done) => {
        this.pieces.push(piece);
        done();
      },
    });
  }

  override createDatasetFromStoreWritableStream(
    _: Writable,
    context: InstanceType<typeof dimse.association.PresentationContext>,
    done: (dataset: InstanceType<typeof dimse.Dataset>) => void,
  ): void {
    done(new dimse.Dataset({}, context.getAcceptedTransferSyntaxUid()));
  }

  override cStoreRequest(
    request: InstanceType<typeof dimse.requests.CStoreRequest>,
    answer: (response: InstanceType<typeof dimse.responses.CStoreResponse>) => void,
  ): void {
    const { reception } = this;
    const bytes = Buffer.concat(this.pieces);
    // In hand until it is answered, while the next one comes.
    const answering = this.coming;
    this.coming = new InHand();
    this.again();
    const response = dimse.responses.CStoreResponse.fromRequest(request);
    this.afterTurn(async () => {
      try {
        const file = asFile(bytes, {
          sopClass: request.getAffectedSopClassUid(),
          sopInstance: request.getAffectedSopInstanceUid(),
          transferSyntax: request.getDataset()?.getTransferSyntaxUid() ?? "",
        });
        const taken = await reception?.take(file);
        if (taken && taken.outcome !== "refused") response.setStatus(status.success);
        else {
          response.setStatus(status.cannotUnderstand);
          response.setErrorComment(commentOf(taken?.reason ?? null));
        }
      } catch (error) {
        this.receiving.log.error({ err: nameOf(error) }, "an image could not be stored");
        response.setStatus(status.outOfResources);
        response.setErrorComment("Not stored; send again later");
      } finally {
        answering.letGo();
      }
      if (!this.peer.destroyed) answer(response);
    });
  }

  private afterTurn(work: () => Promise<void>): void {
    this.turn = this.turn
      .then(work)
      .catch((error: unknown) => this.receiving.log.error({ err: nameOf(error) }, "a connection"));
  }

  /** A message is whole, and the next may come. */
  private again(): void {
    this.letGo();
    clearTimeout(this.deadline);
    this.deadline = setTimeout(() => this.peer.destroy(), limits.message);
  }

  private letGo(): void {
    this.coming.letGo();
    this.pieces = [];
  }
}

/** Messages of errors may hold what a file says. */
export const nameOf = (error: unknown): string =>
  error instanceof Error ? ("code" in error ? `${error.name} ${String(error.code)}` : error.name) : "unknown";

/** Error Comment (0000,0902) has 64 characters, and is read by whoever runs the scanner. */
const comments: Readonly<Record<string, string>> = {
  "errors.database.consent_withdrawn": "Consent was withdrawn: no image is taken",
};

export const commentOf = (reason: Said | null): string =>
  comments[reason?.key ?? ""] ?? "Not taken: the page of its exam, or the trail, says why";
