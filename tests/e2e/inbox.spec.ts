import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { multipart, post } from "@/tests/support/stow";
import { complaints, enrol, expect, expectSound, lookedAt, screen, studyWith, test } from "./support";

const token = "a-token-of-the-hospital-of-32-letters-and-more";

/** An image as a scanner writes one, made by a process of its own: Playwright's loader reads no JSON modules. */
async function slice(changes: Record<string, unknown>): Promise<Buffer> {
  const made = `import("./tests/support/dicom.ts").then(({ slice }) =>
    process.stdout.write(Buffer.from(slice(${JSON.stringify(changes)})).toString("base64")))`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--import", "tsx", "--eval", made]);
  return Buffer.from(stdout, "base64");
}

/** The listener of a site, as an operator starts it; the port once it listens. */
async function receiveDicom(study: string, site: string, tokenFile: string) {
  const child = spawn(
    process.execPath,
    [
      ...["--import", "tsx", "scripts/cli/main.ts", "receive-dicom", "--study", study, "--site", site],
      ...["--web-port", "0", "--token-file", tokenFile],
    ],
    { env: { ...process.env, NODEWISE_DATA: process.env.NODEWISE_E2E_DATA }, stdio: ["ignore", "ignore", "pipe"] },
  );
  const port = await new Promise<number>((done, failed) => {
    let output = "";
    child.stderr?.on("data", (data: Buffer) => {
      output += data.toString();
      const [, found] = /:(\d+)\/studies/.exec(output) ?? [];
      if (found) done(Number(found));
    });
    child.once("exit", () => failed(new Error(`receive-dicom ended: ${output}`)));
  });
  return { child, port };
}

test("what an archive sends of nobody who is known waits for the coordinator, who puts it into an exam or turns it away", async ({
  as,
}) => {
  test.setTimeout(5 * 60_000);
  const name = `Inbox ${Date.now()}`;
  const folder = mkdtempSync(join(tmpdir(), "nodewise-inbox-"));
  writeFileSync(join(folder, "token"), token, { mode: 0o600 });
  let child: ChildProcess | undefined;
  try {
    const path = await studyWith(await as("pi"), {
      ...{ name, site: "Sending hospital" },
      members: [["coordinator", "coordinator"]],
    });
    const coordinator = await as("coordinator");
    await screen(coordinator, path, { name: "Patient Sun", hospitalNumber: "H 1", excluded: false });
    await enrol(coordinator);

    const listening = await receiveDicom(name, "Sending hospital", join(folder, "token"));
    child = listening.child;
    const of = (changes: Record<string, unknown>) => slice({ PatientName: "Sun^Patient", ...changes });
    const files = [
      // Of a day without an exam, and of nobody here.
      await of({ PatientID: "H 1", StudyDate: "20260203", StudyInstanceUID: "1.2.61", SOPInstanceUID: "1.2.61.1" }),
      await of({ PatientID: "Z 9", PatientName: "Moon^Other", StudyInstanceUID: "1.2.62", SOPInstanceUID: "1.2.62.1" }),
    ];
    expect(await post({ port: listening.port, token: "x".repeat(40) }, multipart(files))).toMatchObject({
      status: 401,
    });
    expect(await post({ port: listening.port, token }, multipart(files))).toMatchObject({ status: 200 });

    const said = complaints(coordinator);
    await coordinator.goto(`${path}/imaging`);
    await coordinator.getByRole("link", { name: "2 studies wait for their exam" }).click();
    await expect(coordinator.getByRole("heading", { name: "Images that wait for an exam" })).toBeVisible();
    const card = (text: string) => coordinator.getByRole("listitem").filter({ hasText: text });
    await expect(card("Sun Patient, H 1")).toContainText("1 image, last received");
    await expectSound(coordinator, said);
    await coordinator.setViewportSize({ width: 1440, height: 900 });

    await card("Moon Other, Z 9").getByRole("button", { name: "Turn away" }).click();
    const dialog = coordinator.getByRole("dialog");
    await dialog.getByLabel("Reason").fill("No patient of this study");
    await dialog.getByRole("button", { name: "Turn away" }).click();
    await expect(card("Moon Other, Z 9")).toHaveCount(0);

    const put = card("Sun Patient, H 1");
    await expect(put.getByRole("button", { name: "Put into this exam" })).toBeDisabled();
    await put.getByLabel("Exam").selectOption({ index: 1 });
    await put.getByRole("button", { name: "Put into this exam" }).click();
    await expect(coordinator.getByText("1 image is in the exam.")).toBeVisible();
    await expect(coordinator.getByRole("heading", { name: "Nothing waits for an exam" })).toBeVisible();
    await expectSound(coordinator, said, ["light"]);
    await coordinator.goto(`${path}/imaging/001`);
    await lookedAt(coordinator);
    await expect(coordinator.getByRole("main")).toContainText("1 image");
  } finally {
    child?.kill("SIGINT");
    rmSync(folder, { recursive: true, force: true });
  }
});
