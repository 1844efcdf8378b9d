/**
 * The page of `omnifs inspect --web`, in a real Chromium, before a real mount of the GitHub stand-in.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Browser, Page } from "puppeteer-core";
import { type GitHubMount, mountGitHub } from "../mounted/github_mount.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { tempDir } from "../support/temp.ts";
import { isChromiumThere, newTab, REBOUND, withBrowser, type Witness } from "./browser.ts";
import { DEADLINE, omnifsCommand } from "./fixture.ts";
import { listen } from "../../runtime/cli/demo/http.ts";

const missing = !isChromiumThere
  ? "there is no Chromium"
  : await fuseIsThere()
  ? undefined
  : "nothing can be mounted here";

/** Markup in the upstream's title and in what is staged; each would call `alert` if it were more than text. */
const HOSTILE = `<img src=x onerror=alert(1)><script>alert(2)</script>"'><svg onload=alert(3)>`;

interface Scene {
  readonly browser: Browser;
  readonly mount: GitHubMount;
  /** The first issue and the one with a hostile title. */
  readonly [0]: number;
  readonly [1]: number;
  /** What the command printed. */
  readonly url: string;
  readonly origin: string;
  readonly page: Page;
  readonly witness: Witness;
}

const OPEN = "/github/acme/api/_issues/_open";

/** A mount with two issues. */
async function seeded(
  options: { readonly args?: readonly string[]; readonly home?: string },
): Promise<{ mount: GitHubMount; numbers: [number, number] }> {
  let numbers: [number, number] = [0, 0];
  const mount = await mountGitHub(async (github) => {
    numbers = [
      await github.createIssue("acme/api", { title: "Crash", body: "It crashes." }),
      await github.createIssue("acme/api", { title: HOSTILE, body: "It is slow." }),
    ];
  }, options);
  return { mount, numbers };
}

/** Runs `omnifs inspect --web` beside `mount` while `test` runs, and ends it as Ctrl-C does. */
async function onWeb(mount: GitHubMount, test: (url: string) => Promise<void>): Promise<void> {
  const [program, args] = omnifsCommand(["inspect", "--web"]);
  const { env } = mount.mounted;
  const child = new Deno.Command(program, { args, env, stdout: "piped", stderr: "null" }).spawn();
  let said = "";
  const reading = (async () => {
    for await (const piece of child.stdout.pipeThrough(new TextDecoderStream())) said += piece;
  })();
  try {
    const url = await until(() => /http:\S+/.exec(said)?.[0], DEADLINE, "the address of the page");
    await test(url);
  } finally {
    child.kill("SIGINT");
    const { code } = await withDeadline(child.status, DEADLINE, "the end of the page's server");
    await reading;
    assert.equal(code, 0);
  }
}

function onPage(
  name: string,
  test: (scene: Scene) => Promise<void>,
  stage: (mount: GitHubMount, numbers: [number, number]) => Promise<void> = () => Promise.resolve(),
): void {
  Deno.test({
    name: missing === undefined ? name : `${name} (skipped: ${missing})`,
    ignore: missing !== undefined,
    async fn() {
      const { mount, numbers } = await seeded({ args: ["--allow-apply=github"] });
      await using _ = mount;
      await stage(mount, numbers);
      await onWeb(mount, (url) =>
        withBrowser(async (browser) => {
          const { page, witness } = await newTab(browser);
          await page.setViewport({ width: 1600, height: 1000 });
          await page.goto(url);
          await shows(page, "#state", /pid/);
          const origin = new URL(url).origin;
          await test({ browser, mount, 0: numbers[0], 1: numbers[1], url, origin, page, witness });
          assert.deepEqual(witness.complaints, []);
          assert.deepEqual(witness.alerts, []);
          for (const request of witness.requests) assert.ok(request.startsWith(`${origin}/`), request);
        }));
    },
  });
}

async function omnifs(mount: GitHubMount, args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await mount.mounted.omnifs(args, { input });
  assert.equal(code, 0, `omnifs ${args.join(" ")}: ${stderr}`);
  return stdout;
}

function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => (element as { readonly textContent: string }).textContent).catch(
    () => "",
  );
}

async function shows(page: Page, selector: string, pattern: RegExp): Promise<string> {
  let text = "";
  await until(
    async () => pattern.test(text = await textOf(page, selector)),
    DEADLINE,
    `${pattern} in ${selector}`,
  ).catch((error) => {
    throw new Error(`${error.message}; it shows: ${text}`);
  });
  return text;
}

/** A draft that closes the first issue and gives the second one a hostile title. */
async function stageTwo(mount: GitHubMount, [first, second]: [number, number]): Promise<void> {
  await omnifs(mount, ["draft", "new", "my-fix"]);
  await omnifs(mount, ["draft", "write", `${OPEN}/${first}/state`, "my-fix"], "closed\n");
  await omnifs(mount, ["draft", "write", `${OPEN}/${second}/title`, "my-fix"], `${HOSTILE} \u202eagain\n`);
}

onPage(
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
);

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

onPage("charts and tables move while the tree is read", async ({ page, mount }) => {
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
  await shows(page, "#operations", /Nothing was waited for/);
  assert.match(await textOf(page, "#callouts"), /No upstream was asked/);
});

onPage("a diff is shown as it is, and what is hostile in it is text", async ({ page }) => {
  const text = await shows(page, "#draft-list", /again/);
  assert.match(text, /-open\n\+closed/);
  assert.ok(text.includes(`-${HOSTILE}`) && text.includes(`+${HOSTILE} ⟨U+202E⟩again`), text);
  assert.equal((await page.$$("#draft-list :is(img, script, svg)")).length, 0);
  const rows = await page.$$eval("#draft-list .line.added", (all) => all.length);
  assert.equal(rows, 2);
}, stageTwo);

onPage(
  "a draft is applied upstream once its steps were confirmed, and what came of it is told",
  async (scene) => {
    const { page, mount } = scene;
    await page.waitForSelector("#apply-my-fix");
    await page.focus("#apply-my-fix");
    await page.keyboard.press("Enter");
    await shows(page, "dialog[open]", /Send 2 steps to github\?.*close acme\/api#1/s);
    await page.keyboard.press("Escape");
    await until(
      () => page.$eval("dialog", (dialog) => !dialog.hasAttribute("open")),
      DEADLINE,
      "the end of the question",
    );
    await page.waitForSelector("#apply-my-fix:not([aria-disabled])");
    assert.equal(await mount.text("cat", `${mount.repo}/_issues/_all/${scene[0]}/state`), "open\n");
    await page.click("#apply-my-fix");
    await shows(page, "dialog[open]", /Send 2 steps/);
    await page.click("#question-yes");
    await shows(page, "#outcomes", /my-fix: applied, 2 steps.*close acme\/api#1/s);
    await shows(page, "#draft-list", /There is no draft/);
    assert.equal(await mount.text("cat", `${mount.repo}/_issues/_all/${scene[0]}/state`), "closed\n");
    assert.match(await mount.text("cat", `${mount.repo}/_issues/_all/${scene[1]}/title`), /again$/m);
  },
  stageTwo,
);

onPage("a conflict is told file by file, and the draft stays", async ({ page, mount, ...scene }) => {
  await page.waitForSelector("#apply-my-fix");
  await mount.github.patchIssue("acme/api", scene[1], { title: "Theirs" });
  await page.click("#apply-my-fix");
  // Where the upstream is looked at only when steps are sent, they are offered first.
  await until(
    async () => {
      if (await page.$("dialog[open]")) await page.click("#question-yes");
      return /conflict/.test(await textOf(page, "#outcomes"));
    },
    DEADLINE,
    "a conflict",
  );
  const told = await textOf(page, "#outcomes");
  assert.match(told, /my-fix: conflict: nothing was sent.*\/title: .*Theirs/s);
  assert.match(await textOf(page, "#draft-list"), /my-fix/);
  await page.click("#outcomes .away");
  assert.equal(await textOf(page, "#outcomes"), "");
}, stageTwo);

onPage("a draft is discarded once that was confirmed", async ({ page, mount }) => {
  await page.waitForSelector("#discard-my-fix");
  await page.click("#discard-my-fix");
  await shows(page, "dialog[open]", /Discard my-fix\?.*2 changes will be gone/s);
  await page.click("#question-no");
  assert.match(await omnifs(mount, ["draft", "ls"]), /my-fix/);
  await page.click("#discard-my-fix");
  await shows(page, "dialog[open]", /Discard my-fix/);
  await page.click("#question-yes");
  await shows(page, "#outcomes", /my-fix: discarded; nothing was sent/);
  await shows(page, "#draft-list", /There is no draft/);
  assert.match(await omnifs(mount, ["draft", "ls"]), /no draft/);
  // What is made elsewhere comes by itself.
  await omnifs(mount, ["draft", "new", "next"]);
  await shows(page, "#draft-list", /next.*Nothing is staged in it/s);
}, stageTwo);

onPage(
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
);

onPage(
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
);

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

onPage("every part is reached by the keyboard, in its order", async ({ page }) => {
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
}, stageTwo);

Deno.test({
  name: "without --allow-apply the button says what would allow it, and does nothing",
  ignore: missing !== undefined,
  async fn() {
    await using home = await tempDir();
    {
      const { mount, numbers } = await seeded({ args: ["--allow-apply=github"], home: home.path });
      await using _ = mount;
      await stageTwo(mount, numbers);
    }
    const { mount } = await seeded({ home: home.path });
    await using _ = mount;
    await onWeb(mount, (url) =>
      withBrowser(async (browser) => {
        const { page, witness } = await newTab(browser);
        await page.goto(url);
        await shows(page, "#draft-list", /Not granted: mount with --allow-apply=github to apply it\./);
        const button = "#apply-my-fix[aria-disabled=true][aria-describedby=note-my-fix]";
        await page.waitForSelector(button);
        await page.click("#apply-my-fix");
        await page.click("#discard-my-fix");
        // The question is about the second click: the first one asked nothing.
        await shows(page, "dialog[open]", /Discard my-fix/);
        assert.ok(!witness.requests.some((request) => request.includes("/api/draft/apply")));
      }));
  },
});
