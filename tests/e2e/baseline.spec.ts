import { account, confirmAsOperator, expect, test } from "./support";

test("a coordinator screens by computed criteria, overrides one with a reason, enrols by the protocol's items and corrects them", async ({
  as,
}) => {
  test.setTimeout(5 * 60_000);
  const pi = await as("pi");
  await pi.goto("/studies/new");
  await pi.getByLabel("Protocol").selectOption("demonstration");
  await pi.getByLabel("Name of the study").fill(`Baseline ${Date.now()}`);
  await pi.getByLabel("Hospital or centre").fill("Screening hospital");
  await pi.getByRole("button", { name: "Create study" }).click();
  await expect(pi).toHaveURL(/\/studies\/baseline/);
  const path = new URL(pi.url()).pathname;
  await pi.goto(`${path}/admin`);
  await pi.getByRole("button", { name: "Add member" }).click();
  const dialog = pi.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill(account("coordinator").email);
  await dialog.getByLabel("Role").selectOption("coordinator");
  await dialog.getByRole("button", { name: "Add member" }).click();
  await expect(dialog).toBeHidden();
  await confirmAsOperator(path.replace("/studies/", ""), "coordinator", "coordinator");

  const page = await as("coordinator");
  const surgery = page.getByRole("group", { name: "Surgery planned within 2 weeks after MRI" });
  const verdict = page.getByTestId("verdict");

  await test.step("the record answers a criterion as the days are filled in", async () => {
    await page.goto(`${path}/enrolment/screen`);
    await expect(surgery).toContainText("The record cannot tell yet");
    await page.getByLabel("MRI performed on").fill("2026-01-06");
    await page.getByLabel("Scanner").fill("3 T");
    await page.getByLabel("Date of surgery").fill("2026-01-15");
    await expect(surgery).toContainText("By the record: Met");
    await expect(surgery).toContainText("Date of surgery 9 days after Day of the MRI");
    await page.getByLabel("Date of surgery").fill("2026-02-05");
    await expect(surgery).toContainText("By the record: Not met");
    await expect(verdict).toContainText("Not eligible");
  });

  await test.step("an answer against it asks for the reason, which stays with the screening", async () => {
    for (const criterion of await page.getByRole("group").all()) {
      const exclusion = /Radiotherapy|Poor tolerance|Unsatisfactory/.test(await criterion.innerText());
      await criterion.getByText(exclusion ? "Not met" : "Met", { exact: true }).click();
    }
    await expect(verdict).toContainText("Not eligible");
    await page.getByLabel("Why the record does not decide here").fill("Brought forward by phone");
    await expect(verdict).toContainText("Eligible");
    await page.getByRole("button", { name: "Save screening" }).click();
    await expect(page.getByRole("heading", { name: "Subject 001" })).toBeVisible();
    await expect(page.getByText("Answered otherwise: Brought forward by phone")).toBeVisible();
  });

  await test.step("enrolment asks for the items that are missing, and refuses what the protocol does not allow", async () => {
    await expect(page.getByLabel("MRI performed on")).toHaveValue("2026-01-06");
    await page.getByLabel("Consent signed on").fill("2026-01-05");
    await page.getByLabel("Version of the consent form").fill("1.0");
    await page.getByLabel("Age at MRI").fill("161");
    await page.getByLabel("Clinical T stage").selectOption("T3");
    await page.getByRole("button", { name: "Enrol patient" }).click();
    await expect(page.getByText("161 lies above 120 years; correct it")).toBeVisible();
    await expect(page.getByText("Fill this in: the protocol requires it")).toBeVisible();
    await page.getByLabel("Age at MRI").fill("61");
    await page.getByLabel("Sex").selectOption("female");
    await page.getByRole("button", { name: "Enrol patient" }).click();
    await expect(page.getByText("signed 2026-01-05, form 1.0")).toBeVisible();
    await expect(page.getByText("61 years")).toBeVisible();
  });

  await test.step("a correction asks for its reason; that the record has changed since the screening stands beside it", async () => {
    await page.getByRole("button", { name: "Record values" }).click();
    await page.getByLabel("Date of surgery").fill("2026-01-12");
    await page.getByLabel("Reason for the correction").fill("It was on the 12th");
    await page.getByRole("button", { name: "Save values" }).click();
    await expect(page.getByRole("button", { name: "Record values" })).toBeVisible();
    await page.getByText("corrected", { exact: true }).click();
    await expect(page.getByText("It was on the 12th")).toBeVisible();
    await page.getByRole("button", { name: "Record values" }).click();
    await page.getByLabel("Date of surgery").fill("");
    await page.getByLabel("Reason for the correction").fill("Postponed");
    await page.getByRole("button", { name: "Save values" }).click();
    await expect(page.getByText("The record has changed since the screening")).toBeVisible();
  });

  await test.step("the table has the first items as columns, and the others on demand", async () => {
    await page.goto(`${path}/enrolment`);
    await expect(page.getByRole("cell", { name: "Female" })).toBeVisible();
    await expect(page.getByRole("columnheader", { name: "Date of surgery" })).toBeHidden();
    await page.getByText("Choose columns").click();
    await page.getByLabel("Date of surgery").check();
    await expect(page.getByRole("columnheader", { name: "Date of surgery" })).toBeVisible();
  });
});
