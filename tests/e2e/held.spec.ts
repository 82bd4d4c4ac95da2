import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import type { Locator } from "@playwright/test";
import sharp from "sharp";
import { complaints, enrol, expect, expectSound, lookedAt, screen, studyWith, test } from "./support";

/*
 * A picture of a screen with a name in it: the coordinator blacks the name out, and then the locating radiologist sees the picture. A study of pictures alone, too, and
 * what is told beforehand of what would be removed.
 */

/** Of the picture that `tests/support/screen-capture.ts` writes. */
const width = 320;

/** Draws from one place of a picture to another, as shares of its sides. */
async function draw(over: Locator, [fromX, fromY]: [number, number], [toX, toY]: [number, number]) {
  await over.scrollIntoViewIfNeeded();
  const box = await over.boundingBox();
  if (!box) throw new Error("The picture is not on the page.");
  const { mouse } = over.page();
  await mouse.move(box.x + fromX * box.width, box.y + fromY * box.height);
  await mouse.down();
  await mouse.move(box.x + toX * box.width, box.y + toY * box.height, { steps: 4 });
  await mouse.up();
}

test("letters in a held image are blacked out by mouse and keys, and from then on the image is seen without them", async ({
  as,
}, testInfo) => {
  test.setTimeout(4 * 60_000);
  const path = await studyWith(await as("pi"), {
    ...{ name: `Held ${Date.now()}`, site: "Looking hospital" },
    members: [
      ["coordinator", "coordinator"],
      ["r1", "locating_radiologist"],
    ],
  });
  const coordinator = await as("coordinator");
  await screen(coordinator, path, { name: "Patient Sun", hospitalNumber: "H 1", excluded: false });
  await enrol(coordinator);
  const said = complaints(coordinator);
  await coordinator.goto(`${path}/imaging/001`);
  const folder = testInfo.outputPath("screen");
  mkdirSync(folder);
  execFileSync(process.execPath, ["--import", "tsx", "tests/support/screen-capture.ts", `${folder}/1.dcm`]);
  await coordinator.locator("input[type=file]").setInputFiles(folder);
  await expect(coordinator.getByText("1 held", { exact: true }).last()).toBeVisible();
  await lookedAt(coordinator);
  await coordinator.getByText("One upload: what came of the files").click();
  await expect(coordinator.getByText("1 image held later: letters were seen in the pixels")).toBeVisible();

  await coordinator.goto(`${path}/imaging/held`);
  const card = coordinator
    .getByRole("listitem")
    .filter({ has: coordinator.getByRole("img") })
    .first();
  const picture = card.getByRole("img", { name: /^Held image of 001/ });
  await expect.poll(() => picture.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(width);
  // The boxes of who looked before; a person may see more than these, or less.
  await expect(card.getByText("Letters seen in the pixels")).toBeVisible();
  await expect(card.getByText("2 boxes.")).toBeVisible();
  for (let times = 0; times < 2; times++) await card.getByRole("button", { name: "Remove the last box" }).click();
  const blackOut = card.getByRole("button", { name: "Black out and use" });
  await expect(blackOut).toBeDisabled();

  await draw(picture, [0.02, 0.02], [0.6, 0.14]);
  const first = card.getByRole("button", { name: /^Box 1: left/ });
  await expect(first).toBeVisible();
  await expect(card.getByText("One box.")).toBeVisible();

  await card.getByRole("button", { name: "Add a box" }).click();
  const second = card.getByRole("button", { name: /^Box 2: left/ });
  await second.focus();
  for (let times = 0; times < 80; times++) await coordinator.keyboard.press("ArrowDown");
  for (let times = 0; times < 60; times++) await coordinator.keyboard.press("ArrowRight");
  await expect(second).toHaveAccessibleName(`Box 2: left 180, top 220, 107 × 20 px`);
  for (let times = 0; times < 20; times++) await coordinator.keyboard.press("Shift+ArrowRight");
  await expect(second).toHaveAccessibleName(`Box 2: left 180, top 220, 140 × 20 px`);
  for (let times = 0; times < 5; times++) await coordinator.keyboard.press("Alt+ArrowUp");
  await expect(second).toHaveAccessibleName(`Box 2: left 180, top 205, 140 × 35 px`);
  await card.getByRole("button", { name: "Add a box" }).click();
  await card.getByRole("button", { name: /^Box 3: left/ }).focus();
  await coordinator.keyboard.press("Delete");
  await expect(card.getByText("2 boxes.")).toBeVisible();

  await card.getByRole("button", { name: "Preview" }).click();
  await expect(card.getByRole("button", { name: "Show what lies beneath" })).toHaveAttribute("aria-pressed", "true");
  await expectSound(coordinator, said);
  await coordinator.setViewportSize({ width: 1440, height: 900 });

  const before = (await picture.getAttribute("src")) ?? "";
  await blackOut.click();
  const dialog = coordinator.getByRole("dialog");
  await dialog.getByLabel("What did you see?").fill("A name at the top and a date of birth below");
  await dialog.getByRole("button", { name: "Black out and use" }).click();
  await expect(coordinator.getByText("No image waits for you.")).toBeVisible();
  await expect(coordinator.getByText("Used, letters blacked out")).toBeVisible();

  const r1 = await as("r1");
  expect((await r1.request.get(before)).status(), "held pictures are the coordinator's").toBe(403);
  const answer = await coordinator.request.get(`${before}&again=1`);
  const pixels = await sharp(await answer.body())
    .raw()
    .toBuffer();
  const at = (x: number, y: number) => [...pixels.subarray((y * width + x) * 3, (y * width + x) * 3 + 3)];
  expect([at(20, 20), at(250, 225), at(160, 120)]).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [0x55, 0x55, 0x66],
  ]);
  // Nothing is left in the file that came of it.
  await coordinator.goto(`${path}/imaging/001`);
  await lookedAt(coordinator);
  const instance = /instances\/([0-9a-f-]+)/.exec(before)?.[1];
  expect((await r1.request.get(`/api${path}/instances/${instance}`)).status()).toBe(200);
});

/** A grey picture with a white square in the middle, so large. */
const square = (side: number) =>
  sharp({ create: { width: 320, height: 200, channels: 3, background: "#444" } })
    .composite([{ input: { create: { width: side, height: side, channels: 3, background: "#fff" } } }])
    .withExif({ IFD0: { Artist: "Erika Mustermann" } });

test("pictures are dropped in, cleared, looked at without millimetres, and a crop is cut; a dry run tells beforehand what would be removed", async ({
  as,
}, testInfo) => {
  test.setTimeout(4 * 60_000);
  const path = await studyWith(await as("pi"), {
    ...{ name: `Pictures ${Date.now()}`, site: "Picturing hospital" },
    members: [
      ["coordinator", "coordinator"],
      ["r1", "locating_radiologist"],
    ],
  });
  const coordinator = await as("coordinator");
  await screen(coordinator, path, { name: "Patient Moon", hospitalNumber: "H 2", excluded: false });
  await enrol(coordinator);
  const said = complaints(coordinator);
  const folder = testInfo.outputPath("pictures");
  mkdirSync(folder);
  execFileSync(process.execPath, ["--import", "tsx", "tests/support/screen-capture.ts", testInfo.outputPath("1.dcm")]);

  await coordinator.goto(`${path}/imaging/001`);
  await coordinator.getByRole("link", { name: "What would be removed?" }).click();
  await expect(coordinator.getByRole("heading", { name: "What would be removed?" })).toBeVisible();
  await coordinator.locator("input[type=file]").setInputFiles(testInfo.outputPath("1.dcm"));
  await expect(coordinator.getByRole("row", { name: /PatientID .* EXAMPLE/ })).toBeVisible();
  await coordinator.getByRole("searchbox").fill("SeriesInstanceUID");
  await expect(coordinator.getByRole("row", { name: /1\.2\.3\.78 hashed/ })).toBeVisible();
  await expect(coordinator.getByRole("row")).toHaveCount(2);
  await expectSound(coordinator, said);
  await coordinator.getByRole("searchbox").fill("");
  await coordinator.setViewportSize({ width: 1440, height: 900 });

  writeFileSync(`${folder}/screen 10.jpg`, await square(60).jpeg().toBuffer());
  writeFileSync(`${folder}/screen 2.png`, await square(40).png().toBuffer());
  await coordinator.goto(`${path}/imaging/001`);
  await coordinator.locator("input[type=file]").setInputFiles(folder);
  await expect(coordinator.getByText("2 held", { exact: true }).last()).toBeVisible();
  await coordinator.setViewportSize({ width: 1440, height: 900 });
  await coordinator.goto(`${path}/imaging/held`);
  for (const left of ["One image waits for a decision.", "No image waits for you."]) {
    await coordinator.getByRole("button", { name: "Use the image" }).first().click();
    const dialog = coordinator.getByRole("dialog");
    await dialog.getByLabel("What did you see?").fill("No letters");
    await dialog.getByRole("button", { name: "Use the image" }).click();
    await expect(coordinator.getByText(left)).toBeVisible();
  }

  const r1 = await as("r1");
  await r1.goto(`${path}/imaging/001`);
  await r1.getByLabel("Short-axis diameter").fill("6");
  await r1.getByRole("button", { name: "Add node" }).click();
  await expect(r1.getByRole("heading", { name: /^N1/ })).toBeVisible();
  await r1.getByRole("button", { name: "Open viewer" }).click();
  const pane = r1.getByRole("region", { name: "Without plane" });
  await expect(pane.getByTestId("place")).toHaveText("2 / 2");
  await expect(pane.getByText("No millimetres in the patient: nothing is measured here.")).toBeVisible();
  await expect(pane.getByTestId("right")).toHaveCount(0);
  await r1.keyboard.press("Home");
  await expect(pane.getByTestId("place")).toHaveText("1 / 2");
  await r1.keyboard.press("l");
  await expect(r1.getByText(/^This image has no millimetres in the patient: long axis \d+ px/)).toBeVisible();
  await r1.keyboard.press("b");
  await expect(r1.getByLabel("Left", { exact: true })).toBeVisible();
  const edges = { Left: "132", Top: "72", Width: "50", Height: "50" };
  for (const [name, value] of Object.entries(edges)) await r1.getByLabel(name, { exact: true }).fill(value);
  await r1.getByRole("button", { name: "Cut crop" }).click();
  const crop = r1.getByRole("img", { name: /^Crop of N1/ }).last();
  await expect(crop).toBeVisible();
  const bytes = await (await r1.request.get((await crop.getAttribute("src")) ?? "")).body();
  const { data, info } = await sharp(bytes).toColourspace("b-w").raw().toBuffer({ resolveWithObject: true });
  // The square lies at 140, 80 in the first picture by its name.
  const level = (x: number, y: number) => data[(y * info.width + x) * info.channels];
  expect([info.width, level(7, 8), level(8, 8), level(47, 47), level(48, 47)]).toEqual([50, 0x44, 255, 255, 0x44]);
});
