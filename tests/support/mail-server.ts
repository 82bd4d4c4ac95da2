import { createServer } from "node:net";

export interface MailServer {
  /** As `SMTP_URL` has it. */
  url: string;
  /** Each with its headers, as it came. */
  letters: string[];
  close: () => void;
}

/** Takes letters: as much of SMTP (RFC 5321) as one message needs. */
export async function mailServer(): Promise<MailServer> {
  const letters: string[] = [];
  const server = createServer((socket) => {
    let letter: string | null = null;
    socket.write("220 here\r\n");
    socket.on("data", (chunk) => {
      const text = chunk.toString();
      if (letter !== null) {
        letter += text;
        if (!letter.endsWith("\r\n.\r\n")) return;
        letters.push(letter);
        letter = null;
        socket.write("250 taken\r\n");
      } else if (/^DATA/i.test(text)) {
        letter = "";
        socket.write("354 go on\r\n");
      } else if (/^QUIT/i.test(text)) socket.end("221 bye\r\n");
      else socket.write("250 ok\r\n");
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  return { url: `smtp://127.0.0.1:${port}`, letters, close: () => server.close() };
}
