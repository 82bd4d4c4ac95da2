import type { Locator } from "@playwright/test";
import sharp from "sharp";
import { slice } from "../support/dicom";
import { complaints, expect, expectSound, studies, test } from "./support";

/*
 * A picture of a screen with a name in it: the coordinator blacks the name out, and then the locating radiologist sees the picture.
 */

const [width, height] = [320, 240];

/** The picture of a screen as a file of DICOM: a grey field with letters in two places. */
async function screenshot(): Promise<Buffer> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#556"/>
    <text x="10" y="24" font-size="18" fill="white">MUSTER ERIKA</text><text x="200" y="230" font-size="16" fill="white">1961-12-24</text></svg>`;
  const pixels = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
  const colour = { SamplesPerPixel: 3, PhotometricInterpretation: "RGB", PlanarConfiguration: 0 };
  return Buffer.from(
    slice({
      ...{ ...colour, BitsAllocated: 8, BitsStored: 8, HighBit: 7, Rows: height, Columns: width },
      ...{ SOPClassUID: "1.2.840.10008.5.1.4.1.1.7", SOPInstanceUID: "1.2.3.77", SeriesInstanceUID: "1.2.3.78" },
      ...{ SeriesNumber: 77, PatientName: "", PatientID: "", PixelData: new Uint8Array(pixels) },
    }),
  );
}

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
}) => {
  test.setTimeout(4 * 60_000);
  const path = `/studies/${studies.running}`;
  const coordinator = await as("coordinator");
  const said = complaints(coordinator);
  await coordinator.goto(`${path}/imaging/001`);
  await coordinator
    .locator("input[type=file]")
    .setInputFiles({ name: "screen.dcm", mimeType: "application/dicom", buffer: await screenshot() });
  await expect(coordinator.getByText("1 held", { exact: true }).last()).toBeVisible();

  await coordinator.goto(`${path}/imaging/held`);
  const card = coordinator
    .getByRole("listitem")
    .filter({ has: coordinator.getByRole("img") })
    .first();
  const picture = card.getByRole("img", { name: /^Held image of 001/ });
  await expect.poll(() => picture.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBe(width);
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
  const instance = /instances\/([0-9a-f-]+)/.exec(before)?.[1];
  const file = await r1.request.get(`/api${path}/instances/${instance}`);
  expect(file.status()).toBe(200);
});
