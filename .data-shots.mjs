import { chromium } from "@playwright/test";

const base = "http://localhost:3101";
const running = "demonstration-running",
  locked = "demonstration-locked";
const pages = {
  pi: [
    "/studies",
    "/studies/new",
    `/studies/${running}`,
    `/studies/${running}/lock`,
    `/studies/${locked}`,
    `/studies/${locked}/lock`,
    `/studies/${locked}/models/compare`,
    `/studies/${locked}/analysis`,
    `/studies/${locked}/analysis?run=nonsense`,
    `/studies/nowhere`,
    `/studies/${running}/reading`,
  ],
  coordinator: [
    `/studies/${running}/enrolment`,
    `/studies/${running}/enrolment/screen`,
    `/studies/${running}/enrolment/001`,
    `/studies/${running}/enrolment/flow`,
  ],
  r1: [`/studies/${running}/imaging`, `/studies/${running}/imaging/001`],
  r2: [`/studies/${running}/reading`, `/studies/${running}/reading/case`],
  pathologist: [`/studies/${running}/pathology`],
  scientist: [`/studies/${locked}/models`],
  monitor: [`/studies/${locked}/audit`],
  admin: [`/studies/${running}/admin`],
};
const follow = { pathologist: `/studies/${running}/pathology`, scientist: `/studies/${locked}/models` };
const only = process.argv[2];
const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic"],
});
const latin = /(?:[A-Za-z][A-Za-z'’-]*[,;:]? ){3,}[A-Za-z][A-Za-z'’-]*/;
async function look(page, name, path) {
  await page
    .goto(base + path, { timeout: 200000, waitUntil: "load" })
    .catch((e) => console.log("ERR", path, e.message.slice(0, 100)));
  await page.waitForTimeout(1500);
  for (const [w, scheme] of [
    [1440, "light"],
    [390, "dark"],
  ]) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.setViewportSize({ width: w, height: 900 });
    await page.waitForTimeout(300);
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) console.log("OVERFLOW", w, path, over);
    await page.screenshot({ path: `/tmp/shots/${name}-${w}.png`, fullPage: true });
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1440, height: 900 });
  const texts = await page.evaluate(() => {
    const out = [document.title];
    const w = document.createTreeWalker(document.body, 5);
    for (let n = w.nextNode(); n; n = w.nextNode()) {
      if (n instanceof Element) {
        for (const a of ["aria-label", "title", "placeholder", "alt"])
          if (n.getAttribute(a)) out.push(n.getAttribute(a));
      } else if (!n.parentElement?.closest("script,style,pre,code,nextjs-portal")) out.push(n.textContent);
    }
    return out.filter((t) => t.trim());
  });
  const bad = [...new Set(texts.filter((t) => latin.test(t)))];
  console.log("#", path, texts[0], bad.length ? JSON.stringify(bad.slice(0, 12)) : "");
}
for (const who of Object.keys(pages)) {
  if (only && !only.split(",").includes(who)) continue;
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "zh-CN",
    timezoneId: "Asia/Shanghai",
  });
  const page = await context.newPage();
  page.setDefaultTimeout(200000);
  page.on("console", (m) => {
    if (m.type() === "error") console.log("CONSOLE", m.text().slice(0, 300));
  });
  page.on("pageerror", (e) => console.log("PAGEERR", e.message.slice(0, 300)));
  await page.goto(base + "/login");
  await page.waitForTimeout(1500);
  if (who === "pi") {
    await look(page, "login", "/login");
  }
  await page.getByLabel("电子邮箱").fill(`${who}@demo.nodewise.example`);
  await page.getByLabel("密码").fill("demonstration");
  await page.getByRole("button", { name: "登录", exact: true }).click();
  await page.waitForURL(/\/studies$/, { timeout: 200000 });
  for (const [i, path] of pages[who].entries()) await look(page, `${who}${i}`, path);
  if (follow[who]) {
    await page.goto(base + follow[who]);
    await page.waitForTimeout(1500);
    const a = await page
      .getByRole("table")
      .getByRole("link")
      .first()
      .getAttribute("href")
      .catch(() => null);
    if (a) {
      await look(page, `${who}-detail`, a);
      if (who === "scientist") {
        await look(page, "scientist-explain", a + "/explain");
      }
    }
  }
  await context.close();
}
await browser.close();
