import { z } from "zod";

const refusal = z.object({ message: z.string(), problems: z.array(z.string()) });

/** A file of the server, or the words in which it was refused; no message when the server was not reached. */
export type FetchedFile =
  | { file: Blob; name: string }
  | { refused: { message: string | null; problems: readonly string[] } };

/** Fetches a file that the server makes or keeps, under the name that the server gives it. */
export async function fetchFile(address: string): Promise<FetchedFile> {
  const unreached = { refused: { message: null, problems: [] } };
  try {
    const answer = await fetch(address);
    if (!answer.ok) {
      const said = refusal.safeParse(await answer.json());
      return said.success ? { refused: said.data } : unreached;
    }
    const name = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "")?.[1];
    return { file: await answer.blob(), name: name ?? "file" };
  } catch {
    // Not reached, cut off, or answered by something between that is not the server.
    return unreached;
  }
}
