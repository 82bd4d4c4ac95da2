import { expect, signIn, studies, test, type Who } from "./support";

const workplaces: Record<Who, string[]> = {
  pi: ["Overview", "Enrolment", "Reading", "Lock", "Models", "Analysis", "Design", "Audit", "Admin"],
  coordinator: ["Overview", "Enrolment", "Imaging", "Reading", "Audit"],
  r1: ["Overview", "Imaging"],
  r2: ["Overview", "Reading"],
  r3: ["Overview", "Reading"],
  pathologist: ["Overview", "Pathology"],
  scientist: ["Overview", "Models", "Analysis", "Design"],
  monitor: ["Overview", "Enrolment", "Imaging", "Reading", "Pathology", "Design", "Audit"],
  admin: ["Overview", "Design", "Audit", "Admin"],
};

test("the rail shows each role its own workplaces", async ({ as }) => {
  for (const [who, names] of Object.entries(workplaces) as [Who, string[]][]) {
    const page = await as(who);
    await page.goto(`/studies/${studies.running}`);
    const rail = page.getByRole("navigation", { name: "Workplaces" });
    await expect(rail.getByRole("link"), who).toHaveText(names);
  }
});

/** What a reader must never see, each with a role that may. */
const closed: [path: string, may: Who][] = [
  ["/enrolment", "coordinator"],
  ["/imaging", "r1"],
  ["/pathology", "pathologist"],
  ["/lock", "pi"],
  ["/models", "scientist"],
  ["/analysis", "pi"],
  ["/design", "pi"],
  ["/audit", "monitor"],
  ["/admin", "admin"],
];

for (const [path, may] of closed) {
  test(`a reader is refused ${path}, ${may} is not`, async ({ as }) => {
    for (const study of Object.values(studies)) {
      const refused = await (await as("r2")).goto(`/studies/${study}${path}`);
      expect(refused?.status(), study).toBe(403);
      await expect((await as("r2")).getByText("Your role does not open this page")).toBeVisible();
      expect((await (await as(may)).goto(`/studies/${study}${path}`))?.status(), study).toBe(200);
    }
  });
}

test("a reader gets no stored image and no comparison by their addresses", async ({ as }) => {
  const locator = await as("r1");
  await locator.goto(`/studies/${studies.locked}/imaging`);
  await locator.getByRole("table", { name: "Imaging" }).getByRole("link").last().click();
  const source = await locator.locator("img").first().getAttribute("src");
  expect(source).toMatch(/\/images\/[0-9a-f]{64}$/);
  const comparison = `/api/trpc/analysis.comparison?input=${encodeURIComponent(JSON.stringify({ json: { study: studies.locked } }))}`;
  const csv = `/api/studies/${studies.locked}/comparison.csv`;
  const addresses: [string, Who][] = [
    [source ?? "", "r1"],
    [comparison, "pi"],
    [csv, "scientist"],
  ];
  for (const [address, may] of addresses) {
    expect((await (await as("r2")).request.get(address)).status(), address).toBe(403);
    expect((await (await as(may)).request.get(address)).status(), address).toBe(200);
  }
});

test("a reader is refused the passport of a node, and who sees the node is not", async ({ as }) => {
  const locator = await as("r1");
  await locator.goto(`/studies/${studies.locked}/imaging`);
  await locator.getByRole("table", { name: "Imaging" }).getByRole("link").last().click();
  const passport = await locator.getByRole("link", { name: "Node passport" }).first().getAttribute("href");
  expect((await (await as("r2")).goto(passport ?? ""))?.status()).toBe(403);
  for (const who of ["r1", "coordinator", "pathologist", "monitor", "pi", "scientist"] as const)
    expect((await (await as(who)).goto(passport ?? ""))?.status(), who).toBe(200);
  await expect((await as("r1")).getByText("Not shown to your role.")).toHaveCount(4);
  await expect((await as("pi")).getByRole("table", { name: "Reads of the node" })).toBeVisible();
});

test("a study of which somebody is no member is not there for them", async ({ as }) => {
  const name = `Somebody else's study ${Date.now()}`;
  const admin = await as("admin");
  await admin.goto("/studies/new");
  await admin.getByLabel("Name of the study").fill(name);
  await admin.getByLabel("Hospital or centre").fill("Elsewhere");
  await admin.getByRole("button", { name: "Create study" }).click();
  await expect(admin.getByRole("heading", { name })).toBeVisible();
  const address = new URL(admin.url()).pathname;
  const reader = await as("r2");
  expect((await reader.goto(address))?.status()).toBe(404);
  await expect(reader.getByText("This page is not here")).toBeVisible();
  expect((await reader.goto(`/studies/${studies.running}`))?.status()).toBe(200);
});

test("only who may create studies finds the button and the page", async ({ as }) => {
  for (const who of ["pi", "coordinator"] as const) {
    const page = await as(who);
    await page.goto("/studies");
    await expect(page.getByRole("link", { name: "Create study" }), who).toHaveCount(who === "pi" ? 1 : 0);
  }
});

test("whoever is not signed in is sent to the sign-in page", async ({ page, as }) => {
  for (const path of ["/", "/studies", `/studies/${studies.locked}`, `/studies/${studies.locked}/analysis`]) {
    await page.goto(path);
    await expect(page, path).toHaveURL(/\/login/);
  }
  expect((await page.request.get(`/api/studies/${studies.locked}/comparison.csv`)).status()).toBe(401);
  const signedIn = await as("pi");
  await signedIn.goto(`/studies/${studies.locked}/analysis`);
  await expect(signedIn).toHaveURL(/\/analysis$/);
});

test("a wrong password is said to be wrong, and the right one opens", async ({ page }) => {
  await signIn(page, "monitor", "not the password");
  await expect(page.getByText("This e-mail address and password do not belong together.")).toBeVisible();
  await expect(page).toHaveURL(/\/login/);
  await signIn(page, "monitor");
  await expect(page).toHaveURL(/\/studies$/);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/login/);
  await page.goto("/studies");
  await expect(page).toHaveURL(/\/login/);
});

test("no other site may frame a page, and a huge upload is refused before it is read", async ({ as, page }) => {
  const headers = (await page.goto("/login"))?.headers() ?? {};
  expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(headers["x-content-type-options"]).toBe("nosniff");
  const locator = await as("r1");
  const refused = await locator.request.post(`/api/studies/${studies.running}/crops`, {
    headers: { origin: process.env.NODEWISE_E2E_URL ?? "", "content-type": "image/png", "x-file-name": "huge.png" },
    data: Buffer.alloc(22 * 1024 ** 2),
  });
  expect(refused.status()).toBe(413);
  expect(await refused.json()).toMatchObject({ message: expect.stringContaining("larger than 20 MB") });
});

test("where a crop comes is looked at before the crop is", async ({ as }) => {
  const locator = await as("r1");
  const place = "nodeId=00000000-0000-4000-8000-000000000000&plane=nowhere";
  const refused = await locator.request.post(`/api/studies/${studies.running}/crops?${place}`, {
    headers: { origin: process.env.NODEWISE_E2E_URL ?? "", "content-type": "image/png", "x-file-name": "a.png" },
    data: Buffer.from("no image"),
  });
  expect(refused.status()).toBe(404);
});
