/**
 * The page of `omnifs inspect --web` in a real browser: what it loads and shows, and whom it answers.
 *
 * @module
 */
import assert from "node:assert/strict";
import { listen } from "../../runtime/cli/demo/http.ts";
import { until } from "../support/deadline.ts";
import { newTab, REBOUND } from "./browser.ts";
import { DEADLINE } from "./fixture.ts";
import { omnifs, onPage, shows, stageTwo, textOf } from "./inspect_page.ts";

Deno.test(onPage(
  "the page loads whole, from its own server alone, and keeps the token out of the address",
  async (scene) => {
    const { page, origin, url, witness } = scene;
    assert.equal(page.url(), `${origin}/`);
    const history = await page.evaluate(
      "performance.getEntriesByType('resource').map(({ name }) => name).join()",
    );
    const token = url.slice(url.indexOf("=") + 1);
    assert.ok(token.length >= 43 && !String(history).includes(token));
    assert.equal(await page.evaluate("document.cookie"), "");
    assert.equal(await page.$$eval(".plot canvas", (all) => all.length), 5);
    await shows(page, "#draft-list", /There is no draft/);
    await page.reload();
    await shows(page, "#state", /pid/);
    assert.ok(witness.requests.includes(`${origin}/uplot.js`));
  },
));

/** Pixels of the first chart that are neither blank nor of its grid: those of its lines. */
const DRAWN = `(() => {
  const canvas = document.querySelector(".plot canvas");
  // A copy: Chromium complains of a canvas that is read again and again.
  const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  copy.drawImage(canvas, 0, 0);
  const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
  let drawn = 0;
  for (let at = 0; at < data.length; at += 4) {
    const [r, g, b, a] = data.subarray(at, at + 4);
    if (a > 200 && Math.max(r, g, b) - Math.min(r, g, b) > 90) drawn++;
  }
  return drawn;
})()`;

Deno.test(onPage("charts and tables move while the tree is read", async ({ page, mount }) => {
  const outputs = () => page.$$eval("figure output", (all) => all.map((each) => String(each.textContent)));
  await until(async () => (await outputs())[0] === "0", DEADLINE, "a second in which nothing was asked");
  const before = Number(await page.evaluate(DRAWN));
  let [seenKernel, seenWaited, seenCallouts, seenLatency] = [false, false, false, false];
  await until(
    async () => {
      // Dropped, so that each reading waits for the upstream again.
      await mount.mounted.drop();
      await mount.text("sh", "-c", `grep -r . ${mount.repo}/_issues/_open | wc -l`);
      const [kernel = "", waited = "", median = "", , callouts = ""] = await outputs();
      seenKernel ||= Number(kernel) > 0;
      seenWaited ||= Number(waited) > 0;
      seenLatency ||= / m?s$/.test(median);
      seenCallouts ||= Number(callouts) > 0;
      return seenKernel && seenWaited && seenCallouts && seenLatency;
    },
    DEADLINE,
    "figures of the kernel, of what was waited for, and of callouts",
  );
  await until(async () => Number(await page.evaluate(DRAWN)) > before, DEADLINE, "more on the chart");
  await shows(page, "#callouts", /GET http:\/\/127\.0\.0\.1:\d+\/repos/);
  await shows(page, "#operations", /\/github\/acme\/api\/_issues/);
  await shows(page, "#providers", /\/githubready/);
  await shows(page, "#watches", /\/github(poll|webhook)\d/);
  assert.match((await outputs())[6] ?? "", /^\d[\d.]* (B|KiB|MiB)$/);
  await page.focus("main");
  await page.keyboard.press("/");
  await page.keyboard.type("no such thing");
  await shows(page, "#operations", /Nothing passes the filter/);
  assert.match(await textOf(page, "#callouts"), /Nothing passes the filter/);
}));

Deno.test(onPage(
  "another page, another name and another token get nothing",
  async ({ browser, url, origin, mount }) => {
    const token = url.slice(url.indexOf("=") + 1);
    const wrong = await newTab(browser);
    await wrong.page.goto(`${origin}/#token=${"A".repeat(43)}`);
    await shows(
      wrong.page,
      "#state",
      /not the one that omnifs printed\. Open the address that omnifs inspect --web/,
    );
    const { port } = new URL(origin);
    const rebound = await newTab(browser);
    const answer = await rebound.page.goto(`http://${REBOUND}:${port}/#token=${token}`);
    assert.equal(answer?.status(), 403);
    // A page of another port of this machine, which has even learned the token.
    const evil = listen(() =>
      new Response("<!DOCTYPE html><title>evil</title>", { headers: { "content-type": "text/html" } })
    );
    try {
      const { page } = await newTab(browser);
      await page.goto(`http://${evil.host}/`);
      const tries = await page.evaluate(`(async () => {
      const result = (promise) => promise.then((response) => String(response.status || response.type), () => "refused");
      const headers = { "x-omnifs-token": ${JSON.stringify(token)} };
      const target = ${JSON.stringify(`${origin}/api/draft/discard?name=my-fix`)};
      const frame = document.createElement("iframe");
      frame.src = ${JSON.stringify(url)};
      document.body.append(frame);
      await new Promise((resolve) => frame.onload = resolve);
      let framed = "refused";
      try { framed = frame.contentDocument === null ? "refused" : frame.contentDocument.title; } catch {}
      return [
        await result(fetch(${JSON.stringify(`${origin}/api/drafts`)}, { headers })),
        await result(fetch(target, { method: "POST", headers })),
        await result(fetch(target, { method: "POST", mode: "no-cors" })),
        framed,
      ];
    })()`);
      assert.deepEqual(tries, ["refused", "refused", "refused", "refused"]);
    } finally {
      await evil.close();
    }
    assert.match(await omnifs(mount, ["draft", "ls"]), /my-fix/);
  },
  stageTwo,
));

Deno.test(onPage(
  "light and dark, at 400 and at 1600 pixels, all of it has room and can be read",
  async ({ page, mount }) => {
    await mount.text("sh", "-c", `grep -r . ${mount.repo}/_issues/_open | wc -l`);
    await shows(page, "#operations", /_issues/);
    await page.waitForSelector("#apply-my-fix");
    for (const value of ["light", "dark"]) {
      await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value }]);
      for (const width of [400, 1600]) {
        await page.setViewport({ width, height: 900 });
        const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        assert.ok(Number(overflow) <= 0, `${width}: ${overflow} pixels too wide`);
        const faint = await page.evaluate(FAINT);
        assert.deepEqual(faint, [], `${value} at ${width}`);
      }
    }
  },
  stageTwo,
));

/** Text whose contrast with its ground is below 4.5 to 1 (WCAG 2.2, 1.4.3). */
const FAINT = `(() => {
  const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = channels(colour).slice(0, 3).map((value) => value / 255)
      .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const texts = [...document.querySelectorAll("body *")].filter((element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "") && element.offsetParent !== null
  );
  return texts.flatMap((element) => {
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return ratio < 4.5 ? [element.tagName + "." + element.className + ": " + ratio.toFixed(2)] : [];
  });
})()`;

Deno.test(onPage("every part is reached by the keyboard, in its order", async ({ page }) => {
  await page.waitForSelector("#apply-my-fix");
  const reached: string[] = [];
  for (let presses = 0; presses < 60 && !reached.includes("events"); presses++) {
    await page.keyboard.press("Tab");
    reached.push(String(await page.evaluate("document.activeElement.id || document.activeElement.tagName")));
  }
  const wanted = [
    "filter",
    "pause",
    "apply-my-fix",
    "discard-my-fix",
    "providers",
    "watches",
    "operations",
    "events",
  ];
  assert.deepEqual(reached.filter((id) => wanted.includes(id)), wanted);
}, stageTwo));
