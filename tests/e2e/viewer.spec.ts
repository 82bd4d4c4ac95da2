import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "@playwright/test";
import dicomParser from "dicom-parser";
import { complaints, enrol, expect, expectSound, lookedAt, screen, studies, studyWith, test } from "./support";

/*
 * The locating radiologist's work with the images of a scanner: 40 axial slices and a localizer of three planes.
 */

const sets = fileURLToPath(new URL("../../../shared/data/mr-dicom", import.meta.url));
const axial = "siemens-pelvis-t2";
/** Of somebody else. */
const other = "mr-small-64x64";

/** What the first axial slice says of itself. */
function firstSlice() {
  const [name] = readdirSync(`${sets}/${axial}`).filter((each) => each.endsWith(".dcm"));
  const data = dicomParser.parseDicom(readFileSync(`${sets}/${axial}/${name}`));
  return {
    name: data.string("x00100010") ?? "",
    hospitalNumber: data.string("x00100020") ?? "",
    /** mm from the upper edge to the lower one, by Rows and Pixel Spacing; the slices are square. */
    side: (data.uint16("x00280010") ?? 0) * (data.floatString("x00280030", 0) ?? 0),
  };
}

/** Draws with the left button across the middle of an element, so many pixels to each side. */
async function drawAcross(element: Locator, reach: number) {
  const box = await element.boundingBox();
  if (!box) throw new Error("The image is not on the page.");
  const [x, y] = [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)];
  const { mouse } = element.page();
  await mouse.move(x - reach, y);
  await mouse.down();
  await mouse.move(x, y, { steps: 4 });
  await mouse.move(x + reach, y, { steps: 4 });
  await mouse.up();
  return box;
}

/** Waits until what is drawn is kept in the tab. */
const kept = (page: Page, part: string) =>
  expect
    .poll(() => page.evaluate(() => JSON.stringify(Object.values(sessionStorage)).replaceAll("\\", "")))
    .toContain(part);

test.describe("an exam in the viewer", () => {
  test.skip(!existsSync(sets), "left out: the files of a scanner are not there (shared/data/mr-dicom)");

  test("its node is measured by mouse in mm of its geometry, and its crop cut out of the slice", async ({ as }) => {
    test.setTimeout(9 * 60_000);
    const { name, hospitalNumber, side } = firstSlice();
    const pi = await as("pi");
    const path = await studyWith(pi, {
      ...{ name: `Viewer ${Date.now()}`, site: "Viewing hospital" },
      members: [
        ["coordinator", "coordinator"],
        ["r1", "locating_radiologist"],
        ["r2", "reader"],
      ],
    });

    const coordinator = await as("coordinator");
    await screen(coordinator, path, { name, hospitalNumber, excluded: false });
    await enrol(coordinator);
    await coordinator.goto(`${path}/imaging/001`);
    await coordinator.locator("input[type=file]").setInputFiles(sets);
    await expect(coordinator.getByText("All files were sent")).toBeVisible({ timeout: 60_000 });
    await expect(coordinator.getByText("61 taken").last()).toBeVisible();
    await lookedAt(coordinator);

    // One of another patient waits for the coordinator, and for nobody else.
    await coordinator.locator("input[type=file]").setInputFiles(`${sets}/../dicom-edge/${other}`);
    await expect(coordinator.getByText("1 held", { exact: true }).last()).toBeVisible();
    await coordinator.goto(`${path}/imaging`);
    await coordinator.getByRole("link", { name: "Held images (1)" }).click();
    await expect(coordinator.getByText("One image waits for a decision.")).toBeVisible();
    const picture = coordinator.getByRole("img", { name: /^Held image of 001/ });
    await expect.poll(() => picture.evaluate((each: HTMLImageElement) => each.naturalWidth)).toBeGreaterThan(0);
    const address = (await picture.getAttribute("src")) ?? "";
    await coordinator.getByRole("button", { name: "Do not use the image" }).click();
    await coordinator.getByRole("dialog").getByLabel("What did you see?").fill("Of another patient, by the number");
    await coordinator.getByRole("dialog").getByRole("button", { name: "Do not use the image" }).click();
    await expect(coordinator.getByText("No image waits for you.")).toBeVisible();
    await expect(coordinator.getByText("Of another patient, by the number")).toBeVisible();

    const page = await as("r1");
    const said = complaints(page);
    expect((await page.request.get(address)).status()).toBe(403);
    expect((await coordinator.request.get(address)).status(), "control").toBe(200);
    await page.goto(`${path}/imaging/001`);
    await page.getByLabel("Short-axis diameter").fill("5");
    await page.getByRole("button", { name: "Add node" }).click();
    // What came of the files, and whether the exam can be judged.
    await page.getByText("2 uploads: what came of the files").click();
    await expect(page.getByText(/^61 taken/)).toBeVisible();
    await page.getByText("Judge the images").click();
    await page.getByText("limited", { exact: true }).click();
    await expect(page.getByRole("button", { name: "Save verdict" })).toBeDisabled();
    await page.getByLabel("Motion").check();
    await page.getByRole("button", { name: "Save verdict" }).click();
    const quality = page.getByRole("region", { name: "Image quality" });
    await expect(quality.getByText("limited", { exact: true }).first()).toBeVisible();
    await expect(quality).toContainText("Motion");
    await expect(page.getByText("Judge again")).toBeVisible();

    await page.getByRole("button", { name: "Open viewer" }).click();
    const viewer = page.getByRole("dialog");
    const pane = viewer.getByRole("region", { name: "Axial" });
    await expect(pane.getByTestId("place")).toHaveText("21 / 40");
    await expect(viewer.getByRole("region", { name: "Sagittal" }).getByTestId("place")).toHaveText("4 / 7");
    await expect(viewer.getByRole("region", { name: "Coronal" }).getByTestId("place")).toHaveText("4 / 7");

    // The series by their middle images: seen by whoever sees the images, and not drawn again for a browser that has them.
    const thumbnails = viewer.getByRole("list", { name: "Series" }).getByRole("img");
    await expect(thumbnails).toHaveCount(2);
    for (const each of await thumbnails.all())
      await expect.poll(() => each.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    const thumbnail = (await thumbnails.first().getAttribute("src")) ?? "";
    const drawn = await page.request.get(thumbnail);
    const { etag = "", "cache-control": cached } = drawn.headers();
    expect([drawn.status(), cached]).toEqual([200, "private, no-cache"]);
    expect((await page.request.get(thumbnail, { headers: { "if-none-match": etag } })).status()).toBe(304);
    expect((await pi.request.get(thumbnail)).status()).toBe(403);
    const held = address.replace(/picture.*$/, "thumbnail");
    for (const who of [page, coordinator]) expect((await who.request.get(held)).status(), "held").toBe(404);

    await page.keyboard.press("ArrowDown");
    await expect(pane.getByTestId("place")).toHaveText("22 / 40");
    await page.keyboard.press("?");
    await expect(viewer.getByText("Five images on")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(viewer.getByText("Five images on")).toBeHidden();

    await page.keyboard.press("r");
    await page.keyboard.press("m");
    const reach = 40;
    const box = await drawAcross(pane.locator("canvas"), reach);
    // Reset, the slice fills the shorter side of its pane. The tool draws the short axis two thirds as long as the long one.
    const long = (2 * reach * side) / Math.min(box.width, box.height);
    const axes = viewer.getByTestId("axes").getByRole("definition");
    const shown = async (at: number) => Number((await axes.nth(at).innerText()).replace(" mm", ""));
    await expect(axes).toHaveCount(2);
    await expect.poll(async () => Math.abs((await shown(1)) - long)).toBeLessThanOrEqual(0.1);
    expect(Math.abs((await shown(0)) - (long * 2) / 3)).toBeLessThanOrEqual(0.1);
    await viewer.getByRole("button", { name: "Save size" }).click();
    await expect(viewer.getByText(/^Saved: short axis/)).toBeVisible();

    await page.keyboard.press("b");
    const width = viewer.getByLabel("Width");
    await expect(width).toHaveValue(/^\d+$/);
    const suggested = Number(await width.inputValue());
    await page.keyboard.press("Shift+ArrowRight");
    await expect(width).toHaveValue(String(suggested + 1));
    await viewer.getByRole("button", { name: "Cut crop" }).click();
    await expect(viewer.getByRole("img", { name: "Crop of N1, Axial" })).toBeVisible();
    await expect(viewer.getByText(`Saved: ${suggested + 1} ×`)).toBeVisible();
    const passport = await viewer.getByRole("link", { name: "Node passport" }).getAttribute("href");
    expect(said).toEqual([]);

    await page.keyboard.press("Escape");
    await expect(viewer).toBeHidden();
    const card = page.getByRole("heading", { name: /^N1, / });
    const [, kept] = /([\d.]+) mm/.exec(await card.innerText()) ?? [];
    expect(Math.abs(Number(kept) - (long * 2) / 3)).toBeLessThanOrEqual(0.1);
    await expect(page.getByRole("img", { name: /^Crop of N1/ })).toHaveCount(1);

    // Everything that is recorded of the node, from the patient to the slice with the box on it.
    await page.getByRole("link", { name: "Node passport" }).click();
    await expect(page).toHaveURL(new RegExp(`${passport}$`));
    await expect(page.getByRole("heading", { name: "001 N1: node passport" })).toBeVisible();
    const sizes = page.getByText(/mm short axis, [\d.]+ mm long axis$/);
    expect(Math.abs(Number.parseFloat(await sizes.innerText()) - Number(kept))).toBeLessThanOrEqual(0.051);
    await expect(page.getByText("Typed, without an image")).toBeVisible();
    await expect(page.getByText("No. 1 of this person")).toBeVisible();
    const slice = page.getByRole("img", { name: "Slice from which the crop of 001 N1, Axial, was cut, with its box" });
    for (const each of [slice, page.getByRole("img", { name: /^Slice in which 001 N1 was measured/ })])
      await expect.poll(() => each.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    await expect(page.locator("figure svg rect").last()).toHaveAttribute("width", String(suggested + 1));
    await expect(page.getByText("Not shown to your role.")).toHaveCount(4);
    const source = (await slice.getAttribute("src")) ?? "";
    expect((await pi.request.get(source)).status()).toBe(403);
    expect((await coordinator.request.get(source)).status(), "control").toBe(200);
    await pi.goto(passport ?? "");
    await expect(pi.getByText("Opens with the database lock.")).toHaveCount(7);
    await expectSound(page, said);

    // What was cut out is what R2 reads, on a canvas that tells no size.
    await pi.goto(`${path}/reading`);
    await pi.getByRole("button", { name: "Draw reading schedule" }).click();
    await pi.getByRole("dialog").getByRole("button", { name: "Draw reading schedule" }).click();
    await expect(pi.getByRole("dialog")).toBeHidden();
    const reader = await as("r2");
    await reader.goto(`${path}/reading/case`);
    const handedOut = reader.getByRole("img");
    await expect.poll(() => handedOut.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(300);
    await expect(reader.getByText(/\d mm/)).toHaveCount(0);
    for (const address of [source, passport ?? "", `${path}/imaging/001`])
      expect((await reader.request.get(address)).status(), address).not.toBe(200);
    await reader.keyboard.press("1");
    await reader.keyboard.press("ArrowRight");
    await reader.keyboard.press("Enter");
    await expect(reader.getByText(/Cohort 1/).first()).toBeVisible();
    await expect(reader.getByText(/complete/).first()).toBeVisible();

    // Another node by keys alone: it is added where it is measured, and the box finds it in another plane.
    await page.goto(`${path}/imaging/001`);
    await page.getByRole("button", { name: "Open viewer" }).click();
    await expect(pane.getByTestId("place")).toHaveText(/ \/ 40$/);
    await viewer.getByLabel("Node").selectOption("New node");
    await viewer.getByLabel("Node").blur();
    await page.keyboard.press("l");
    await expect(axes).toHaveCount(2);
    const before = await axes.allInnerTexts();
    await page.keyboard.press("Alt+ArrowRight");
    await expect(axes).not.toHaveText(before);
    await page.keyboard.press("Shift+ArrowDown");
    await page.keyboard.press("a");
    await expect(viewer.getByText(/^N2 added: short axis/)).toBeVisible();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("b");
    await expect(viewer.getByLabel("Plane", { exact: true })).toHaveValue("sagittal");
    await page.keyboard.press("x");
    await expect(viewer.getByRole("img", { name: "Crop of N2, Sagittal" })).toBeVisible();
  });
});

test.describe("two exams of a subject", () => {
  test.skip(!existsSync(sets), "left out: the files of a scanner are not there (shared/data/mr-dicom)");

  test("are looked at side by side, by keys of one's own; the time is noted", async ({ as }) => {
    test.setTimeout(9 * 60_000);
    const { name, hospitalNumber } = firstSlice();
    const pi = await as("pi");
    const path = await studyWith(pi, {
      ...{ name: `Beside ${Date.now()}`, site: "Comparing hospital" },
      members: [
        ["coordinator", "coordinator"],
        ["r1", "locating_radiologist"],
      ],
    });
    const coordinator = await as("coordinator");
    await screen(coordinator, path, { name, hospitalNumber, excluded: false, examOn: "2025-12-30" });
    await enrol(coordinator);
    await coordinator.goto(`${path}/imaging/001`);
    const uploads = coordinator.locator("input[type=file]");
    await expect(uploads).toHaveCount(2);
    // The newer record comes first.
    await uploads.first().setInputFiles(`${sets}/${axial}`);
    await expect(coordinator.getByText("40 taken").last()).toBeVisible({ timeout: 60_000 });
    await uploads.last().setInputFiles(`${sets}/siemens-localizer-3plane`);
    await expect(coordinator.getByText("21 taken").last()).toBeVisible({ timeout: 60_000 });
    await lookedAt(coordinator);

    const page = await as("r1");
    const said = complaints(page);
    await page.goto(`${path}/imaging/001`);
    await expect(page.getByRole("img", { name: /^Middle image of Series/ })).toHaveCount(2);
    await page.getByRole("button", { name: "Open viewer" }).first().click();
    const viewer = page.getByRole("dialog");
    const open = viewer.getByRole("region", { name: "Axial", exact: true });
    await expect(open.getByTestId("place")).toHaveText("21 / 40");
    await page.keyboard.press("o");
    const prior = viewer.getByRole("region", { name: "Prior: exam 1 of 2, 2025-12-30, Axial" });
    await expect(prior.getByText("Not for measuring")).toBeVisible();
    await expect(prior.getByTestId("place")).toHaveText("7 / 7");
    // At the same place of the patient, whichever of both is scrolled through: slices from -8.1 mm on, 3 mm apart, beside those from -21.6 mm on, 7.2 mm apart.
    await page.keyboard.press("Home");
    await expect(open.getByTestId("place")).toHaveText("1 / 40");
    await expect(prior.getByTestId("place")).toHaveText("3 / 7");
    await page.keyboard.press("ArrowRight");
    await expect(prior).toHaveAttribute("data-active", "true");
    await page.keyboard.press("End");
    await expect(prior.getByTestId("place")).toHaveText("7 / 7");
    await expect(open.getByTestId("place")).toHaveText("11 / 40");
    // What is drawn there is drawn nowhere.
    await page.keyboard.press("m");
    await drawAcross(prior.locator("canvas"), 30);
    await expect(viewer.getByTestId("axes")).toHaveCount(0);
    await page.keyboard.press("o");
    await expect(prior).toBeHidden();
    await expect(open).toHaveAttribute("data-active", "true");

    // Another key for what no other test does by its own, remembered for the person.
    await page.keyboard.press("?");
    const help = viewer.getByRole("region", { name: "Keys" });
    await help.getByRole("button", { name: /^Change the key of “Five images on”/ }).click();
    await page.keyboard.press("m");
    await expect(help.getByText("M is the key of “Measure”.")).toBeVisible();
    await page.keyboard.press("j");
    await expect(help.getByRole("button", { name: "Change the key of “Five images on”: J" })).toBeVisible();
    await page.keyboard.press("Escape");
    await page.keyboard.press("Home");
    await page.keyboard.press("j");
    await expect(open.getByTestId("place")).toHaveText("6 / 40");
    await page.keyboard.press("PageDown");
    await expect(open.getByTestId("place")).toHaveText("6 / 40");
    await page.reload();
    await page.getByRole("button", { name: "Open viewer" }).first().click();
    await expect(open.getByTestId("place")).toHaveText("21 / 40");
    // Once the stack hears keys.
    await expect(async () => {
      await page.keyboard.press("Home");
      await expect(open.getByTestId("place")).toHaveText("1 / 40", { timeout: 1000 });
    }).toPass();
    await page.keyboard.press("j");
    await expect(open.getByTestId("place")).toHaveText("6 / 40");
    await page.keyboard.press("?");
    await help.getByRole("button", { name: "Reset all keys" }).click();
    await expect(help.getByRole("button", { name: "Change the key of “Five images on”: PageDown" })).toBeVisible();
    await page.keyboard.press("Escape");

    // Closed, the viewer tells the time, and the page has it.
    await page.keyboard.press("Escape");
    await expect(viewer).toBeHidden();
    await page.goto(`${path}/imaging/001`);
    await expect(page.getByRole("list", { name: "Time in the viewer" })).toContainText(/\d+ s in the viewer, last/);
    expect(said).toEqual([]);
  });
});

test("the locating radiologist of the demonstration finds a synthetic exam that waits, and loses nothing that was drawn", async ({
  as,
}) => {
  test.setTimeout(5 * 60_000);
  const page = await as("r1");
  const said = complaints(page);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/studies/${studies.running}/imaging`);
  await expect(page.getByRole("button", { name: "Open next exam" })).toBeVisible();
  await page.keyboard.press("n");
  const viewer = page.getByRole("dialog");
  const pane = viewer.getByRole("region", { name: "Axial" });
  await expect(page).toHaveURL(/imaging\/013\?viewer=/);
  await expect(pane.getByTestId("place")).toHaveText("7 / 12");
  await expect(viewer.getByRole("region", { name: "Sagittal" }).getByTestId("place")).toHaveText("7 / 12");
  await expect(viewer.getByRole("region", { name: "Coronal" }).getByTestId("place")).toHaveText("7 / 12");

  // Turned and mirrored, the letters go with the patient, and the image says that it is not as it was sent.
  const letters = (pane: Locator) => pane.getByTestId("right");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowLeft");
  await expect(letters(pane)).toHaveText("L");
  await page.keyboard.press("h");
  await expect(pane.getByTestId("turned")).toHaveText("mirrored");
  await expect(letters(pane)).toHaveText("R");
  await page.keyboard.press("t");
  await expect(pane.getByTestId("turned")).toContainText("turned by 90°");
  await expect(letters(pane)).toHaveText(/^[AP]$/);
  await page.keyboard.press("r");
  await expect(pane.getByTestId("turned")).toBeHidden();
  await expect(letters(pane)).toHaveText("L");
  await page.keyboard.press("0");
  await expect(pane.getByText("100%", { exact: true })).toBeVisible();

  await page.keyboard.press("c");
  await expect(pane.getByTestId("place")).not.toHaveText("7 / 12");
  await page.keyboard.press("c");
  await page.keyboard.press("Home");
  await expect(pane.getByTestId("place")).toHaveText("1 / 12");

  await page.keyboard.press("m");
  await drawAcross(pane.locator("canvas"), 12);
  const axes = viewer.getByTestId("axes").getByRole("definition");
  await expect(axes).toHaveCount(2);
  await kept(page, '"measured":{');
  const drawn = await axes.allInnerTexts();
  await page.keyboard.press("b");
  await expect(viewer.getByText("outside what the founding study was read with")).toBeHidden();
  const width = viewer.getByLabel("Width");
  const suggested = await width.inputValue();
  await kept(page, `"width":${suggested},`);
  // At once, so that they are one step also on a busy machine.
  await page.keyboard.down("Shift");
  await Promise.all(Array.from({ length: 20 }, () => page.keyboard.press("ArrowLeft")));
  await page.keyboard.up("Shift");
  await expect(viewer.getByText("outside what the founding study was read with")).toBeVisible();
  await kept(page, `"width":${Number(suggested) - 20},`);
  await page.keyboard.press("u");
  await expect(width).toHaveValue(suggested);

  await page.reload();
  await expect(axes).toHaveText(drawn);
  await expect(width).toHaveValue(suggested);
  await expect(pane.getByTestId("place")).toHaveText("1 / 12");
  await page.keyboard.press("u");

  await expectSound(page, said, ["dark"]);
});
