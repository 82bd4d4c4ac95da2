import { readFile } from "node:fs/promises";
import { Command } from "commander";
import pino from "pino";
import { printableJson } from "@/core/text/characters";
import { aeTitle, aeTitles, wholeNumber } from "@/scripts/cli/options";
import { runCommand, unreadable } from "@/scripts/cli/run-command";
import { secretOfFile } from "@/scripts/cli/secret-of-file";
import { say } from "@/scripts/cli/terminal";
import { words } from "@/scripts/cli/words";
import { withActor } from "@/server/door";
import { AppError } from "@/server/errors";
import { receiveImages } from "@/server/services/inbox/receive-images";
import { siteOfName } from "@/server/services/study/site-of-name";
import { studyOfCommand } from "@/server/services/study/study-of-command";
import { listen } from "@/worker/dicom/listen";
import { listenWeb } from "@/worker/dicom/listen-web";
import { tryRuleAgain } from "@/worker/dicom/try-rule-again";

interface Options {
  study: string;
  site: string;
  sender?: string[];
  title: string;
  port: number;
  address: string;
  webPort?: number;
  tokenFile?: string;
  tlsKey?: string;
  tlsCert?: string;
}

/** receive-dicom --study NAME --site NAME [--sender AET,AET [--title AET] [--port PORT]] [--web-port PORT --token-file FILE] [--address ADDRESS] [--tls-key FILE --tls-cert FILE], until it is stopped. */
export function receiveDicomCommand(): Command {
  const command = new Command("receive-dicom")
    .description(words("receive.about"))
    .requiredOption("--study <name>", words("option.study"))
    .requiredOption("--site <name>", words("receive.site"))
    .option("--sender <titles>", words("receive.sender"), aeTitles)
    .option("--title <title>", words("receive.title"), aeTitle, "NODEWISE")
    .option("--port <port>", words("receive.port"), wholeNumber, 11112)
    .option("--web-port <port>", words("receive.web_port"), wholeNumber)
    .option("--token-file <file>", words("receive.token_file"))
    .option("--address <address>", words("receive.address"), "127.0.0.1")
    .option("--tls-key <file>", words("receive.tls_key"))
    .option("--tls-cert <file>", words("receive.tls_cert"));
  runCommand<Options>(command, async ({ options: { study: name, site, sender: senders, title, address, ...more } }) => {
    const token = await tokenOf(more);
    if (!senders && token === undefined) throw new AppError("invalid", { key: "errors.receive_from_nobody" });
    const { actor } = await studyOfCommand(name, { command: "receive-dicom" });
    const siteId = await withActor(actor, (tx) => siteOfName(tx, actor, { name: site }));
    const tls = await keysOf(more);
    const log = pino({ name: "receive-dicom" }, { write: (line) => process.stderr.write(printableJson(line)) });
    const begin = ({ sender }: { sender: string }) => receiveImages({ ...actor, siteId }, { site, sender });
    if (senders) {
      const { port } = await listen({ address, port: more.port, tls }, { title, senders, log, begin });
      say(words("receive.listening", { title, address, port: String(port), senders: senders.join(", ") }));
    }
    if (token !== undefined) {
      const place = { address, port: more.webPort ?? 0, tls };
      const { port } = await listenWeb(place, { token, log, begin: () => begin({ sender: "STOW-RS" }) });
      say(words("receive.listening_web", { scheme: tls ? "https" : "http", address, port: String(port) }));
    }
    tryRuleAgain({ ...actor, siteId }, log);
    // An interruption ends the process.
    return new Promise(() => {});
  });
  return command;
}

async function tokenOf({ webPort, tokenFile: file }: Pick<Options, "webPort" | "tokenFile">) {
  if (webPort === undefined && !file) return undefined;
  if (webPort === undefined || !file) throw new AppError("invalid", { key: "errors.web_token_together" });
  return secretOfFile(file);
}

async function keysOf({ tlsKey, tlsCert }: Pick<Options, "tlsKey" | "tlsCert">) {
  if (!tlsKey && !tlsCert) return undefined;
  if (!tlsKey || !tlsCert) throw new AppError("invalid", { key: "errors.tls_together" });
  const [key, cert] = await Promise.all([tlsKey, tlsCert].map((file) => readFile(file).catch(unreadable(file))));
  return key && cert && { key, cert };
}
