/**
 * Drafts on the page of `omnifs inspect --web`, in a real browser: reviewed, applied upstream, discarded.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../support/deadline.ts";
import { tempDir } from "../support/temp.ts";
import { newTab, PATIENCE, withBrowser } from "./browser.ts";
import {
  HOSTILE,
  missing,
  omnifs,
  onPage,
  onWeb,
  press,
  seeded,
  shows,
  stageTwo,
  textOf,
} from "./inspect_page.ts";

Deno.test(onPage("a diff is shown as it is, and what is hostile in it is text", async ({ page }) => {
  const text = await shows(page, "#draft-list", /again/);
  assert.match(text, /-open\n\+closed/);
  assert.ok(text.includes(`-${HOSTILE}`) && text.includes(`+${HOSTILE} ⟨U+202E⟩again`), text);
  assert.equal((await page.$$("#draft-list :is(img, script, svg)")).length, 0);
  const rows = await page.$$eval("#draft-list .line.added", (all) => all.length);
  assert.equal(rows, 2);
}, stageTwo));

Deno.test(onPage(
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
      PATIENCE,
      "the end of the question",
    );
    await page.waitForSelector("#apply-my-fix:not([aria-disabled])");
    assert.equal(await mount.text("cat", `${mount.repo}/_issues/_all/${scene[0]}/state`), "open\n");
    await press(page, "#apply-my-fix");
    await shows(page, "dialog[open]", /Send 2 steps/);
    await press(page, "#question-yes");
    await shows(page, "#outcomes", /my-fix: applied, 2 steps.*close acme\/api#1/s);
    await shows(page, "#draft-list", /There is no draft/);
    assert.equal(await mount.text("cat", `${mount.repo}/_issues/_all/${scene[0]}/state`), "closed\n");
    assert.match(await mount.text("cat", `${mount.repo}/_issues/_all/${scene[1]}/title`), /again$/m);
  },
  stageTwo,
));

Deno.test(
  onPage("a conflict is told file by file, and the draft stays", async ({ page, mount, ...scene }) => {
    await page.waitForSelector("#apply-my-fix");
    await mount.github.patchIssue("acme/api", scene[1], { title: "Theirs" });
    await press(page, "#apply-my-fix");
    // Where the upstream is looked at only when steps are sent, they are offered first.
    await until(
      async () => {
        await page.evaluate("document.querySelector('dialog[open] #question-yes')?.click()");
        return /conflict/.test(await textOf(page, "#outcomes"));
      },
      PATIENCE,
      "a conflict",
    );
    const told = await textOf(page, "#outcomes");
    assert.match(told, /my-fix: conflict: nothing was sent.*\/title: .*Theirs/s);
    assert.match(await textOf(page, "#draft-list"), /my-fix/);
    await press(page, "#outcomes .away");
    assert.equal(await textOf(page, "#outcomes"), "");
  }, stageTwo),
);

Deno.test(
  onPage("what is staged while its steps are shown is not applied by a yes to them", async (scene) => {
    const { page, mount, witness } = scene;
    const title = `${mount.repo}/_issues/_open/${scene[1]}/title`;
    await press(page, "#apply-my-fix");
    await shows(page, "dialog[open]", /Send 2 steps/);
    await omnifs(mount, ["draft", "write", title, "my-fix"], "Another one\n");
    await press(page, "#question-yes");
    await shows(
      page,
      "#outcomes",
      /my-fix: .*was changed since it was looked at; nothing was sent.*draft diff/s,
    );
    assert.equal(await mount.text("cat", `${mount.repo}/_issues/_all/${scene[0]}/state`), "open\n");
    // The browser tells of each answer that is an error.
    assert.match(witness.complaints.splice(0).join(), /^Failed to load resource: [^,]*$/);
  }, stageTwo),
);

Deno.test(onPage("a draft is discarded once that was confirmed", async ({ page, mount }) => {
  await page.waitForSelector("#discard-my-fix");
  await press(page, "#discard-my-fix");
  await shows(page, "dialog[open]", /Discard my-fix\?.*2 changes will be gone/s);
  await press(page, "#question-no");
  assert.match(await omnifs(mount, ["draft", "ls"]), /my-fix/);
  await press(page, "#discard-my-fix");
  await shows(page, "dialog[open]", /Discard my-fix/);
  await press(page, "#question-yes");
  await shows(page, "#outcomes", /my-fix: discarded; nothing was sent/);
  await shows(page, "#draft-list", /There is no draft/);
  assert.match(await omnifs(mount, ["draft", "ls"]), /no draft/);
  // What is made elsewhere comes by itself.
  await omnifs(mount, ["draft", "new", "next"]);
  await shows(page, "#draft-list", /next.*Nothing is staged in it/s);
}, stageTwo));

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
        await press(page, "#apply-my-fix");
        await press(page, "#discard-my-fix");
        // The question is about the second click: the first one asked nothing.
        await shows(page, "dialog[open]", /Discard my-fix/);
        assert.ok(!witness.requests.some((request) => request.includes("/api/draft/apply")));
      }));
  },
});
