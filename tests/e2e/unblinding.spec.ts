import { complaints, expect, expectSound, studyWith, test } from "./support";

test("the investigator records that somebody was told before the lock what is hidden; it stands on the audit page, in the trail, and beside the lock", async ({
  as,
}) => {
  const pi = await as("pi");
  const name = "Study with an unblinding";
  const members = [["r2", "reader"]] as const;
  const path = await studyWith(pi, { name, site: "Here", members });
  await pi.goto(`${path}/audit`);
  await expect(pi.getByText("Nobody was told before the lock what is hidden.")).toBeVisible();
  await pi.getByRole("button", { name: "Record an unblinding" }).click();
  const dialog = pi.getByRole("dialog");
  await expectSound(pi, complaints(pi));
  await pi.setViewportSize({ width: 1440, height: 900 });
  await dialog.getByLabel("Kind").selectOption("emergency");
  await dialog.getByLabel("Who was told").selectOption("somebody else");
  await dialog.getByLabel("Name and function").fill("Dr. Moon, surgeon");
  await dialog.getByLabel("pathology").check();
  await dialog.getByLabel("When told").fill("2026-01-05T08:00");
  await dialog.getByLabel("Reason").fill("An operation that could not wait");
  await dialog.getByRole("button", { name: "Record an unblinding" }).click();
  await expect(dialog).toBeHidden();
  const acts = pi.getByRole("table", { name: "Unblinding before the lock" });
  await expect(
    acts.getByRole("row", { name: /5 Jan 2026 08:00 UTC emergency every patient Dr\. Moon, surgeon/ }),
  ).toBeVisible();
  await expect(pi.getByText("Unblinding before the lock recorded")).toBeVisible();
  await expectSound(pi, complaints(pi));
  await pi.goto(`${path}/lock`);
  await expect(pi.getByText(/^One unblinding before the lock is recorded/)).toBeVisible();
});
