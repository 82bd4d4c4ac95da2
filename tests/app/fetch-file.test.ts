import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fetchFile } from "@/app/_lib/fetch-file";

const server = createServer((request, response) => {
  const answers: Record<string, () => void> = {
    "/file": () =>
      response
        .writeHead(200, { "content-disposition": 'attachment; filename="A-bundle.zip"', "content-length": "5" })
        .end("bytes"),
    "/outdated": () =>
      response
        .writeHead(409, { "content-type": "application/json" })
        .end(JSON.stringify({ message: "The report is outdated.", problems: ["Make it again."] })),
    "/between": () => response.writeHead(502, { "content-type": "text/html" }).end("<h1>Bad Gateway</h1>"),
    "/cut": () => {
      response.writeHead(200, { "content-length": "500" }).write("by");
      setTimeout(() => response.destroy(), 50);
    },
  };
  answers[request.url ?? ""]?.();
});
let address = "";
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const at = server.address();
  address = typeof at === "object" && at ? `http://127.0.0.1:${at.port}` : "";
});
afterAll(() => {
  server.close();
});

describe("a file that a page fetches", () => {
  test("comes whole, under the name that the server gives it", async () => {
    const fetched = await fetchFile(`${address}/file`);
    expect(fetched).toMatchObject({ name: "A-bundle.zip" });
    expect("file" in fetched && (await fetched.file.text())).toBe("bytes");
  });

  test("and is refused is refused in the words of the server", async () => {
    expect(await fetchFile(`${address}/outdated`)).toEqual({
      refused: { message: "The report is outdated.", problems: ["Make it again."] },
    });
  });

  test("is none where it is cut off, or where something else answers or nobody does", async () => {
    const unreached = { refused: { message: null, problems: [] } };
    expect(await fetchFile(`${address}/cut`)).toEqual(unreached);
    expect(await fetchFile(`${address}/between`)).toEqual(unreached);
    expect(await fetchFile("http://127.0.0.1:9/nobody")).toEqual(unreached);
  });
});
