import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, signIn, studies, test } from "./support";

const origin = process.env.NODEWISE_E2E_URL ?? "";

/** Whether somebody listens there. */
const listens = (host: string, port: number) =>
  new Promise<boolean>((done) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const say = (answer: boolean) => {
      socket.destroy();
      done(answer);
    };
    socket
      .on("connect", () => say(true))
      .on("error", () => say(false))
      .on("timeout", () => say(false));
  });

test("the server listens on this machine alone", async () => {
  const port = Number(new URL(origin).port);
  expect(await listens("127.0.0.1", port)).toBe(true);
  const others = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, family }) => !internal && family === "IPv4");
  for (const { address } of others) expect(await listens(address, port), address).toBe(false);
});

test("sign-in takes 10 kB, the API 1 MB and twenty calls at once; pages take nothing", async ({ request }) => {
  const post = (path: string, data: string, type = "application/json") =>
    request.post(path, { data, maxRedirects: 0, headers: { origin, "content-type": type } });
  const signIn = (data: string) => post("/api/auth/callback/credentials", data, "application/x-www-form-urlencoded");
  expect((await signIn(`email=${"x".repeat(10_000)}`)).status()).toBe(413);
  expect((await signIn(`email=${"x".repeat(1_000)}&more=${"x".repeat(8_000)}`)).status()).toBeLessThan(400);
  expect((await post("/api/trpc/reading.open", "x".repeat(1_000_001))).status()).toBe(413);
  expect((await post("/api/trpc/reading.open", "{}")).status()).toBe(401);
  expect((await post("/login", "x")).status()).toBe(405);
  const calls = (n: number) => request.get(`/api/trpc/${Array(n).fill("person.door").join(",")}?batch=1&input=%7B%7D`);
  expect((await calls(20)).status()).toBe(200);
  expect((await calls(21)).status()).toBe(400);
});

/** The status of what is sent word for word: a browser would put the path in order. */
const statusOf = (method: string, path: string, headers: Record<string, string> = {}) =>
  new Promise<number>((done, fail) => {
    const { port, host } = new URL(origin);
    const socket = connect({ host: "127.0.0.1", port: Number(port), timeout: 15_000 });
    let answer = "";
    socket
      .on("data", (bytes) => {
        answer += bytes;
      })
      .on("close", () => done(Number(/^HTTP\/1.1 (\d+)/.exec(answer)?.[1])))
      .on("timeout", () => socket.destroy())
      .on("error", fail)
      .write(
        [
          `${method} ${path} HTTP/1.1`,
          ...Object.entries({
            Host: host,
            Origin: origin,
            Connection: "close",
            ...(method === "POST" && { "Content-Type": "text/plain", "Content-Length": "1" }),
            ...headers,
          }).map((header) => header.join(": ")),
          ...(method === "POST" ? ["", "x"] : ["", ""]),
        ].join("\r\n"),
      );
  });

test("what is sent reaches no page, however its path is written, and an address that is none reads nothing", async () => {
  for (const path of ["/api/../login", "/api/%2e%2e/login", "/api/x/../../login", "//login", "/api\\..\\login"])
    expect(await statusOf("POST", path), path).toBe(400);
  expect(await statusOf("POST", "/login")).toBe(405);
  expect(await statusOf("POST", "/api/..%2flogin")).toBe(413);
  expect(await statusOf("POST", "/api/nothing")).toBe(413);
  expect(await statusOf("GET", "/api/nothing")).toBe(404);
  expect(await statusOf("GET", "/login"), "control").toBe(200);
});

test("what is no address and no state of these pages is refused at the door, and nothing fails by it", async ({
  request,
}) => {
  for (const path of ["/studies/%00", "/studies/%ff", "/studies/%zz", "/api/studies/%00/comparison.csv"])
    expect(await statusOf("GET", path), path).toBe(400);
  const state = (tree: string) =>
    request.get("/login", { headers: { rsc: "1", "next-router-state-tree": encodeURIComponent(tree) } });
  expect((await state('{"made":"up"}')).status()).toBe(400);
  expect((await state('["",{}]')).status(), "control").toBe(200);
  const cookie = "next-auth.callback-url=%00; next-auth.session-token=made.up";
  expect((await request.get("/login", { headers: { cookie } })).status()).toBe(200);
  expect((await request.get("/api/health")).status()).toBe(200);
});

test("the server answers under its own names, and to what pages and programs do there", async () => {
  const { port } = new URL(origin);
  for (const host of ["evil.example", `evil.example:${port}`, `127.0.0.1.evil.example:${port}`]) {
    expect(await statusOf("GET", "/login", { Host: host, Origin: `http://${host}` }), host).toBe(421);
    expect(await statusOf("POST", "/api/auth/signout", { Host: host, Origin: `http://${host}` }), host).toBe(421);
  }
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`])
    expect(await statusOf("GET", "/login", { Host: host }), `control: ${host}`).toBe(200);
  for (const method of ["TRACE", "PUT", "DELETE", "PATCH"])
    for (const path of ["/api/health", "/api/trpc/person.me", "/login"])
      expect(await statusOf(method, path), `${method} ${path}`).toBe(405);
  for (const method of ["GET", "HEAD"]) expect(await statusOf(method, "/api/health"), `control: ${method}`).toBe(200);
});

/** What a request over a socket of its own is answered, and whether its connection ends with it. */
const told = (lines: readonly string[]) =>
  new Promise<{ status: string; ended: boolean }>((done) => {
    const { hostname, port } = new URL(origin);
    let text = "";
    const say = (ended: boolean) => {
      socket.destroy();
      done({ status: text.split(" ")[1] ?? "", ended });
    };
    const socket = connect({ host: hostname, port: Number(port), timeout: 10_000 });
    socket
      .on("connect", () => socket.write([...lines, "Connection: Upgrade, close", "", ""].join("\r\n")))
      .on("data", (data) => {
        text += data;
      })
      .on("end", () => say(true))
      .on("error", () => say(true))
      .on("timeout", () => say(false));
  });

test("whoever asks for another protocol meets the same doors, and no connection stays open for it", async () => {
  const { host } = new URL(origin);
  await statusOf("GET", "/login");
  const asked = (line: string, at = host, protocol = "websocket") => [
    `${line} HTTP/1.1`,
    `Host: ${at}`,
    `Upgrade: ${protocol}`,
  ];
  expect(await told(asked("GET /zzz", "evil.example"))).toEqual({ status: "421", ended: true });
  expect(await told(asked("GET http://a:99999999/x"))).toEqual({ status: "400", ended: true });
  expect(await told(asked("GET /studies/%E0%A4%A"))).toEqual({ status: "400", ended: true });
  expect(await told(asked("PUT /login"))).toEqual({ status: "405", ended: true });
  expect(await told(asked("GET /api/health", host, "h2c")), "control").toEqual({ status: "200", ended: true });
});

test("a cookie that somebody else has set signs nobody out", async ({ as }) => {
  const page = await as("r2");
  await page.context().addCookies([{ name: "next-auth.callback-url", value: "x", url: origin }]);
  const session = await page.request.get("/api/auth/session");
  expect([session.status(), await session.json()]).toEqual([
    200,
    expect.objectContaining({ expires: expect.any(String) }),
  ]);
  await page.goto("/studies");
  await expect(page).toHaveURL(/\/studies$/);
});

test("who sends a file of scores is known before it is read; who may is told what is wrong with it", async ({ as }) => {
  const path = `/api/studies/${studies.locked}/scores`;
  const door = async (name: "r2" | "scientist", length: string) => {
    const cookies = await (await as(name)).context().cookies();
    return statusOf("POST", path, {
      Cookie: cookies.map((cookie) => `${cookie.name}=${cookie.value}`).join("; "),
      "Content-Type": "application/json",
      "Content-Length": length,
    });
  };
  // One byte of it is sent: an answer that waits for the rest never comes.
  expect(await statusOf("POST", path, { "Content-Length": "23000000" })).toBe(401);
  expect(await door("r2", "23000000")).toBe(403);
  expect(await door("scientist", "1"), "control").toBe(400);
  const page = await as("scientist");
  const empty = await page.request.post(path, { data: {}, headers: { origin } });
  expect(await empty.json()).toMatchObject({ message: expect.stringContaining("Some values cannot be taken") });
  const deep = `{"csv":${"[".repeat(200_000)}`;
  const nested = await page.request.post(path, {
    data: Buffer.from(deep),
    headers: { origin, "content-type": "application/json" },
  });
  expect([nested.status(), await nested.json()]).toEqual([
    400,
    expect.objectContaining({ message: expect.stringContaining("not one that our pages send") }),
  ]);
  await page.goto(`/studies/${studies.locked}/models`);
  await page.getByRole("button", { name: "Import scores" }).click();
  await page.getByLabel("CSV file").setInputFiles({
    name: "scores.csv",
    mimeType: "text/csv",
    buffer: Buffer.from("subject,node,plane,score\nP001,nowhere,x,0.5\n"),
  });
  await page.getByLabel("Where the model comes from").fill("A model of another group, trained elsewhere");
  await page.getByRole("dialog").getByRole("button", { name: "Import scores" }).click();
  await expect(page.getByRole("dialog").getByRole("alert")).toContainText("Nothing was imported");
});

test("of next-auth the pages have what they call, and nobody the rest, which writes what was sent into the log", async ({
  request,
}) => {
  for (const path of ["error?error=%0d%0aforged", "signin", "verify-request"])
    expect((await request.get(`/api/auth/${path}`)).status(), path).toBe(404);
  expect((await request.post("/api/auth/_log", { data: "{}", headers: { origin } })).status()).toBe(404);
  const headers = { origin, "content-type": "application/json" };
  for (const path of ["signout", "callback/credentials"])
    expect((await request.post(`/api/auth/${path}`, { data: "x\nforged", headers })).status(), path).toBe(415);
  for (const path of ["csrf", "providers", "session"])
    expect((await request.get(`/api/auth/${path}`)).status(), `control: ${path}`).toBe(200);
});

test("what changes something comes from these pages alone, also for who is signed in", async ({ as }) => {
  const { request } = await as("r2");
  const open = (headers: Record<string, string>) =>
    request.post("/api/trpc/reading.open", { data: { json: { study: studies.running } }, headers });
  expect((await open({ origin: "https://elsewhere.example" })).status()).toBe(403);
  expect((await open({})).status()).toBe(403);
  expect((await open({ origin })).status()).toBe(200);
});

test("private pages and JSON are kept by no cache, an image for a minute, and no copy of it is made for others", async ({
  as,
}) => {
  const page = await as("r1");
  const cacheOf = async (path: string) => (await page.request.get(path)).headers()["cache-control"];
  for (const path of [
    `/studies/${studies.locked}/imaging`,
    "/login",
    "/api/trpc/person.me",
    "/api/auth/session",
    "/api/health",
  ])
    expect(await cacheOf(path), path).toContain("no-store");
  await page.goto(`/studies/${studies.locked}/imaging`);
  await page.getByRole("table", { name: "Imaging" }).getByRole("link").last().click();
  const image = await page.locator("img").first().getAttribute("src");
  expect(await cacheOf(image ?? "")).toBe("private, max-age=60");
  expect((await page.request.get(`/_next/image?url=${encodeURIComponent(image ?? "")}&w=64&q=75`)).status()).toBe(404);
});

test("an address that is looked at opens no case: the page asks for it, and nothing compresses the answer, whose length would tell", async ({
  as,
}) => {
  const page = await as("r2");
  const path = `/studies/${studies.running}/reading/case`;
  const looked = await page.request.get(path);
  expect([looked.status(), looked.headers()["content-encoding"]], "control: pages are compressed").toEqual([
    200,
    "gzip",
  ]);
  expect(await looked.text()).not.toMatch(/iVBOR|slotId/);

  const opened = page.waitForResponse((response) => response.url().includes("/api/trpc/reading.open"));
  await page.goto(path);
  const answer = await opened;
  expect(await answer.text(), "control: the case comes now").toMatch(/iVBOR/);
  expect(answer.headers()["cache-control"]).toContain("no-transform");
  expect(answer.headers()["content-encoding"]).toBeUndefined();
  await expect(page.getByRole("img", { name: /^Crop of the node/ })).toBeVisible();
  const others = await as("coordinator");
  expect((await others.request.get(path)).status(), "who reads nothing has no such page").toBe(403);
});

test("another site shows nothing of a study in the name of who visits it: the page is opened by the person, and noted then", async ({
  as,
}) => {
  const page = await as("scientist");
  const { request } = await as("monitor");
  const study = `/studies/${studies.locked}`;
  const input = encodeURIComponent(JSON.stringify({ json: { study: studies.locked, before: null } }));
  /** What the trail holds of this person's looks at the comparison. */
  const looks = async () => {
    const { result } = await (await request.get(`/api/trpc/audit.list?input=${input}`)).json();
    const events: { action: string; role: string }[] = result.data.json.events;
    return events.filter(({ action, role }) => action.startsWith("analysis.") && role === "data_scientist").length;
  };
  // Until its figures are there.
  await page.goto(`${study}/analysis`);
  await expect(page.getByRole("heading", { name: "Table 2" })).toBeVisible({ timeout: 60_000 });
  const before = await looks();
  await page.route("http://elsewhere.example/", (route) =>
    route.fulfill({ contentType: "text/html", body: `<a href="${origin}${study}/analysis">Look</a>` }),
  );
  const picture = await page.request.get(`/api${study}/comparison.csv`, {
    headers: { "sec-fetch-site": "cross-site" },
  });
  expect(picture.status()).toBe(403);
  await page.goto("http://elsewhere.example/");
  await page.getByRole("link", { name: "Look" }).click();
  await expect(page.getByText("Another site sent you here")).toBeVisible();
  expect(await looks()).toBe(before);
  await page.getByRole("link", { name: "Open the page" }).click();
  await expect(page.getByRole("heading", { name: "Table 2" })).toBeVisible();
  expect(await looks(), "control: now it is looked at").toBeGreaterThan(before);
});

test("whoever comes after finds nothing of a reader's case in the tab", async ({ page }) => {
  const kept = () => page.evaluate(() => Object.keys(sessionStorage).filter((key) => key.startsWith("nodewise-read-")));
  const tick = async () => {
    await page.goto(`/studies/${studies.running}/reading/case`);
    await expect(page.getByTestId("case-position")).toBeVisible();
    await page.keyboard.press("p");
    expect((await kept()).some((key) => key.endsWith("draft"))).toBe(true);
  };
  await signIn(page, "r3");
  await expect(page).toHaveURL(/\/studies$/);
  await tick();
  await page.reload();
  await expect(page.getByRole("radio", { name: /Positive/ }), "control: it lasts for its reader").toBeChecked();
  await page.goto("/studies");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/login/);
  expect(await kept()).toEqual([]);

  await signIn(page, "r3");
  await expect(page).toHaveURL(/\/studies$/);
  await tick();
  // Without signing out, as when the session ended by itself.
  await page.context().clearCookies();
  await signIn(page, "monitor");
  await expect(page).toHaveURL(/\/studies$/);
  await expect.poll(kept).toEqual([]);
});

test("five wrong passwords make this computer wait, and the page says how long; a forged address is not believed", async ({
  page,
  browser,
}) => {
  for (let i = 0; i < 6; i++) {
    // What a proxy would say, and nobody else may.
    await page.setExtraHTTPHeaders({ "x-forwarded-for": `203.0.113.${i}`, "x-nodewise-source": `203.0.113.${i}` });
    await page.goto("/login");
    await page.getByLabel("E-mail").fill("nobody@example.org");
    await page.getByLabel("Password").fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByText(/do not belong together|Too many wrong/)).toBeVisible();
  }
  await expect(page.getByText(/Too many wrong passwords. Wait \d+ seconds?/)).toBeVisible();
  // Others on this computer come in as before.
  const other = await (await browser.newContext()).newPage();
  await signIn(other, "monitor");
  await expect(other).toHaveURL(/\/studies$/);
  await other.context().close();
});

test("the health address says that pages and database work, and nothing more", async ({ request }) => {
  const answer = await request.get("/api/health");
  expect([answer.status(), await answer.json()]).toEqual([200, { ok: true }]);
});
