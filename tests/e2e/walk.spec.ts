import type { Page } from "@playwright/test";
import sharp from "sharp";
import { drawNode } from "@/core/phantom/node";
import { account, addMember, confirmAsOperator, enrol, expect, screen, test, type Who } from "./support";

const planes = ["axial", "sagittal", "coronal"] as const;
const patients = [
  { positive: true, shortAxisMm: 9.6 },
  { positive: false, shortAxisMm: 4.2 },
  { positive: true, shortAxisMm: 8.1 },
  { positive: false, shortAxisMm: 5.4 },
].map((patient, index) => ({ ...patient, number: `00${index + 1}`, seed: index + 1 }));
const crops = patients.length * planes.length;

/** The crop of a patient's node in a plane, drawn by the phantom. */
async function drawnCrop({ seed, positive, shortAxisMm }: (typeof patients)[number], plane: (typeof planes)[number]) {
  const { pixels, width, height } = drawNode({ seed, plane, positive, shortAxisMm });
  return sharp(pixels, { raw: { width, height, channels: 1 } })
    .png()
    .toBuffer();
}

/** Corrects the read of the case before: goes back to it, gives the reason, and finds the current case as it was left. */
async function correctPrevious(page: Page, position: number) {
  await page.getByRole("button", { name: "Correct the previous read" }).click();
  await expect(page.getByTestId("case-position")).toContainText(`Case ${position - 1} of ${crops}`);
  // All criteria, so that the rule calls it positive whatever its size, and the call needs no reason of its own.
  for (const key of ["1", "2", "3", "ArrowRight"]) await page.keyboard.press(key);
  await expect(page.getByText(/Still needed: the reason for the correction/)).toBeVisible();
  await page.getByLabel("Reason for the correction").fill("Pressed the wrong key");
  await page.getByRole("button", { name: "Submit correction" }).click();
  await expect(page.getByTestId("case-position")).toContainText(`Case ${position} of ${crops}`);
}

/** Reloads the page in the middle of a case; the time at it before the reload counts. */
async function reloadAndSubmit(page: Page) {
  const before = 1_500;
  await page.waitForTimeout(before);
  await page.reload();
  await expect(page.getByTestId("proposal")).toContainText("3 of 3 criteria");
  const sent = page.waitForRequest((request) => request.url().includes("reading.submit"));
  await page.keyboard.press("Enter");
  const [, time] = /"activeMs":(\d+)/.exec((await sent).postData() ?? "") ?? [];
  expect(Number(time)).toBeGreaterThanOrEqual(before);
}

/** Reads every case of the open list by keyboard alone, corrects one read and reloads at one case; returns the short axes as the page showed them. */
async function readList(page: Page, path: string): Promise<string[]> {
  await page.goto(`${path}/reading`);
  await page.getByRole("link", { name: "Read next case" }).click();
  const sizes: string[] = [];
  for (let position = 1; position <= crops; position++) {
    await expect(page.getByTestId("case-position")).toContainText(`Case ${position} of ${crops}`);
    if (position === 2) await correctPrevious(page, position);
    const size = await page.getByTestId("short-axis").innerText();
    sizes.push(size.replace(/: .*$/, ""));
    if (position % 2 === 1) for (const key of ["1", "2", "3"]) await page.keyboard.press(key);
    await expect(page.getByTestId("proposal")).toContainText(
      position % 2 === 1 ? "3 of 3 criteria" : "0 of 3 criteria",
    );
    await page.keyboard.press("ArrowRight");
    if (position === 1) {
      await page.keyboard.press("n");
      await expect(page.getByText(/Still needed: the reason/)).toBeVisible();
      await page.getByLabel("Reason for calling it Negative against the rule").fill("Fatty hilum");
    }
    if (position === 3) await reloadAndSubmit(page);
    else await page.keyboard.press("Enter");
  }
  await expect(page.getByRole("heading", { name: "This list is complete" })).toBeVisible();
  return sizes;
}

test("a study goes from its protocol to readers against network, each step by its own role", async ({ as }) => {
  test.setTimeout(10 * 60_000);
  const name = `Walk ${Date.now()}`;
  const pi = await as("pi");
  let path = "";

  await test.step("the investigator creates the study from a protocol and adds its members, whom a second person confirms", async () => {
    await pi.goto("/studies/new");
    await expect(pi.getByLabel("Protocol")).toHaveValue("li-2021");
    await pi.getByLabel("Protocol").selectOption("demonstration");
    await expect(pi.getByText("This protocol has a wash-out of 0 days")).toBeVisible();
    await pi.getByLabel("Name of the study").fill(name);
    await pi.getByLabel("Hospital or centre").fill("Walking hospital");
    await pi.getByRole("button", { name: "Create study" }).click();
    await expect(pi.getByRole("heading", { name })).toBeVisible();
    path = new URL(pi.url()).pathname;
    await pi.goto(`${path}/admin`);
    const members: [Who, string][] = [
      ["admin", "administrator"],
      ["coordinator", "coordinator"],
      ["r1", "locating_radiologist"],
      ["r2", "reader"],
      ["r3", "reader"],
      ["pathologist", "pathologist"],
      ["scientist", "data_scientist"],
    ];
    for (const [who, role] of members) {
      await addMember(pi, who, role);
      await expect(pi.getByRole("cell", { name: account(who).email })).toBeVisible();
    }

    // Nobody else is in the study yet: its administrator is confirmed by the operator of the server.
    const administrator = await as("admin");
    await administrator.goto("/studies");
    const waits = administrator.getByRole("note").filter({ hasText: name });
    await expect(waits).toContainText("(Administrator) waits for a second person");
    await confirmAsOperator(path.replace("/studies/", ""), "admin", "administrator");
    await administrator.reload();
    await expect(waits).toBeHidden();
    await pi.reload();
    for (const [who, role] of members) {
      const waiting = role !== "reader" && role !== "locating_radiologist" && role !== "administrator";
      const rowOn = (page: Page) => page.getByRole("row").filter({ hasText: account(who).email });
      await expect(rowOn(pi).getByText("You gave this role")).toHaveCount(waiting ? 1 : 0);
      if (!waiting) continue;
      await administrator.goto(`${path}/admin`);
      await rowOn(administrator).getByRole("button", { name: "Confirm" }).click();
      await administrator.getByRole("dialog").getByRole("button", { name: "Confirm" }).click();
      await expect(rowOn(administrator).getByRole("button", { name: "Confirm" })).toHaveCount(0);
    }
  });

  await test.step("the coordinator screens and enrols; a failed screening is kept with its reason", async () => {
    const coordinator = await as("coordinator");
    for (const { number } of patients) {
      await screen(coordinator, path, { name: `Patient ${number}`, hospitalNumber: `H ${number}`, excluded: false });
      await enrol(coordinator);
    }
    await screen(coordinator, path, { name: "Patient excluded", hospitalNumber: "H excluded", excluded: true });
    await expect(coordinator.getByText("Radiotherapy or chemotherapy before surgery: Met")).toBeVisible();
    await coordinator.goto(`${path}/enrolment/flow`);
    const flow = coordinator.getByRole("main");
    await expect(flow).toContainText("Screened (n = 5)");
    await expect(flow).toContainText("Not eligible (n = 1)");
    await expect(flow).toContainText("Enrolled (n = 4)");
  });

  await test.step("R1 adds nodes with their size and uploads one crop per plane", async () => {
    const locator = await as("r1");
    for (const patient of patients) {
      await locator.goto(`${path}/imaging/${patient.number}`);
      await locator.getByLabel("Short-axis diameter").fill(String(patient.shortAxisMm));
      await locator.getByRole("button", { name: "Add node" }).click();
      await expect(locator.getByRole("heading", { name: /^N1, / })).toContainText(patient.shortAxisMm.toFixed(1));
      await locator.locator("input[type=file]").setInputFiles(
        await Promise.all(
          planes.map(async (plane) => ({
            name: `n1_${plane}.png`,
            mimeType: "image/png",
            buffer: await drawnCrop(patient, plane),
          })),
        ),
      );
      await locator.getByRole("button", { name: "Upload 3 crops" }).click();
      await expect(locator.getByRole("img", { name: /^Crop of N1/ })).toHaveCount(planes.length);
    }
    // A file that is no image is refused by name, and nothing is stored of it.
    await locator
      .locator("input[type=file]")
      .setInputFiles({ name: "notes_axial.png", mimeType: "image/png", buffer: Buffer.from("not an image") });
    await locator.getByRole("button", { name: "Upload crop" }).click();
    await expect(locator.getByRole("main").getByRole("alert")).toContainText("notes_axial.png");
    await expect(locator.getByRole("img", { name: /^Crop of N1/ })).toHaveCount(planes.length);
  });

  await test.step("the investigator draws the schedules; R2 and R3 read both cohorts by keyboard", async () => {
    await pi.goto(`${path}/reading`);
    await pi.getByRole("button", { name: "Draw reading schedule" }).click();
    await pi.getByRole("dialog").getByRole("button", { name: "Draw reading schedule" }).click();
    await expect(pi.getByText(`0 of ${4 * crops} scheduled reads are submitted.`)).toBeVisible();
    for (const who of ["r2", "r3"] as const) {
      const reader = await as(who);
      const received: string[] = [];
      reader.on("response", async (response) => {
        if (response.url().includes("/api/trpc/reading")) received.push(await response.text().catch(() => ""));
      });
      const hidden = await readList(reader, path);
      expect(new Set(hidden)).toEqual(new Set(["hidden in Cohort 1"]));
      expect(received.length).toBeGreaterThan(0);
      expect(received.join(""), "no answer of Cohort 1 holds a size").not.toContain('shortAxisMm":');
      const shown = await readList(reader, path);
      expect(shown.toSorted()).toEqual(
        patients.flatMap(({ shortAxisMm }) => planes.map(() => `${shortAxisMm.toFixed(1)} mm`)).toSorted(),
      );
      await reader.goto(`${path}/reading`);
      await expect(reader.getByText("No case is waiting for you.")).toBeVisible();
    }
    await pi.reload();
    await expect(pi.getByText(`${4 * crops} of ${4 * crops} scheduled reads are submitted.`)).toBeVisible();
  });

  await test.step("the pathologist reports node by node", async () => {
    const pathologist = await as("pathologist");
    for (const { number, positive } of patients) {
      await pathologist.goto(`${path}/pathology`);
      await pathologist.getByRole("row", { name: number }).getByRole("link").first().click();
      await pathologist.getByText(positive ? "Positive" : "Negative", { exact: true }).click();
      await pathologist.getByLabel("Specimen").fill("A1");
      await pathologist.getByText("Certain", { exact: true }).click();
      await pathologist.getByRole("button", { name: "Report node" }).click();
      await expect(pathologist.getByText("A1 (certain)")).toContainText(positive ? "Positive" : "Negative");
    }
    await pathologist.goto(`${path}/pathology`);
    await expect(pathologist.getByText("Every node is reported.")).toBeVisible();
  });

  await test.step("the investigator locks the database; nothing above it can be edited any more", async () => {
    await pi.goto(`${path}/analysis`);
    await expect(pi.getByText("The analysis opens when the principal investigator has locked")).toBeVisible();
    await pi.goto(`${path}/lock`);
    await expect(pi.getByText("Everything is there")).toBeVisible();
    await pi.getByRole("button", { name: "Lock database" }).click();
    await pi.getByRole("dialog").getByRole("button", { name: "Lock database" }).click();
    await expect(pi.getByText("The database is locked.").first()).toBeVisible();
    const locator = await as("r1");
    await locator.goto(`${path}/imaging/001`);
    await expect(locator.getByRole("heading", { name: /^N1, / })).toBeVisible();
    await expect(locator.getByRole("button", { name: /Add node|Measure again|Exclude/ })).toHaveCount(0);
  });

  await test.step("the data scientist trains the network and sees it progress", async () => {
    const scientist = await as("scientist");
    await scientist.goto(`${path}/models`);
    await scientist.getByRole("button", { name: "Train" }).click();
    const dialog = scientist.getByRole("dialog");
    await dialog.getByLabel("Folds").fill("2");
    await dialog.getByLabel("Seed").fill("1");
    await dialog.getByRole("button", { name: "Train" }).click();
    await expect(scientist.getByRole("heading", { name: "Training run" })).toBeVisible();
    await expect(scientist.getByTestId("run-answer")).toContainText("Done in", { timeout: 8 * 60_000 });
    await expect(scientist.getByRole("heading", { name: /Loss/ })).toBeVisible();
  });

  await test.step("the investigator compares readers with the network and downloads the numbers", async () => {
    await pi.goto(`${path}/analysis`);
    await expect(pi.getByText(`${crops} images of 4 nodes in 4 patients, 6 of them positive (50.0 %).`)).toBeVisible();
    const table = pi.getByRole("table", { name: "Table 2: diagnostic accuracy" });
    for (const [who, condition] of [
      ["R2", "Cohort 1"],
      ["R2", "Cohort 2"],
      ["R3", "Cohort 1"],
      ["R3", "Cohort 2"],
      ["Network", "out-of-fold"],
    ] as const) {
      await expect(table.getByRole("row", { name: new RegExp(`^${who} ${condition} ${crops} `) })).toBeVisible();
    }
    for (const name of [
      "What clustering does to the intervals",
      "On average over the readers",
      "Agreement between readers",
      "The network at the readers’ operating points",
    ])
      await pi.getByRole("button", { name: `Show table: ${name}` }).click();
    await expect(pi.getByRole("table", { name: "Agreement between readers" }).getByRole("row")).toHaveCount(3);
    await expect(pi.getByRole("heading", { name: "ROC plot" })).toBeVisible();
    const averages = pi.getByRole("table", { name: "On average over the readers" });
    for (const difference of ["Cohort 1 − Cohort 2", "Network − readers’ average, Cohort 1"])
      await expect(
        averages.getByRole("row", { name: new RegExp(`^${difference} R2, R3 Sensitivity 6 `) }),
      ).toBeVisible();
    const matched = pi.getByRole("table", { name: "The network at the readers’ operating points" });
    await expect(matched.getByRole("row", { name: /^R3, Cohort 2 Specificity / })).toBeVisible();
    await expect(pi.getByRole("heading", { name: "Decision curve" })).toBeVisible();
    await pi.getByText("The estimates do not change, the intervals do").click();
    const clustering = pi.getByRole("table", { name: "What clustering does to the intervals" });
    await expect(clustering.getByRole("row", { name: /^Network nothing: independent / })).toBeVisible();
    const download = pi.waitForEvent("download");
    await pi.getByRole("link", { name: "Download CSV" }).click();
    const stream = await (await download).createReadStream();
    const lines = (await stream.toArray()).join("").trim().split("\n");
    expect(lines.filter((line) => line.includes("network")).length).toBeGreaterThan(0);
  });
});
