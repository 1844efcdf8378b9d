/**
 * A page of `omnifs inspect --web` to look at: a real Chromium before a real mount of the GitHub stand-in.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Browser, Page } from "puppeteer-core";
import { type GitHubMount, mountGitHub } from "../mounted/github_mount.ts";
import { until, withDeadline } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { isChromiumThere, newTab, withBrowser, type Witness } from "./browser.ts";
import { DEADLINE, omnifsCommand } from "./fixture.ts";

/** Why there is nothing to look at here; undefined where there is. */
export const missing: string | undefined = !isChromiumThere
  ? "there is no Chromium"
  : await fuseIsThere()
  ? undefined
  : "nothing can be mounted here";

/** Markup in the upstream's title and in what is staged; each would call `alert` if it were more than text. */
export const HOSTILE = `<img src=x onerror=alert(1)><script>alert(2)</script>"'><svg onload=alert(3)>`;

/** A page that is open, and what is behind it. */
export interface Scene {
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

/** Where the open issues are. */
const OPEN = "/github/acme/api/_issues/_open";

/** A mount with two issues. */
export async function seeded(
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
export async function onWeb(mount: GitHubMount, test: (url: string) => Promise<void>): Promise<void> {
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

export function onPage(
  name: string,
  test: (scene: Scene) => Promise<void>,
  stage: (mount: GitHubMount, numbers: [number, number]) => Promise<void> = () => Promise.resolve(),
): Deno.TestDefinition {
  return {
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
  };
}

export async function omnifs(mount: GitHubMount, args: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await mount.mounted.omnifs(args, { input });
  assert.equal(code, 0, `omnifs ${args.join(" ")}: ${stderr}`);
  return stdout;
}

export function textOf(page: Page, selector: string): Promise<string> {
  return page.$eval(selector, (element) => (element as { readonly textContent: string }).textContent).catch(
    () => "",
  );
}

export async function shows(page: Page, selector: string, pattern: RegExp): Promise<string> {
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

/** Clicks in one step, since what is shown may be drawn anew at any time. */
export async function press(page: Page, selector: string): Promise<void> {
  await page.locator(selector).wait();
  await page.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
}

/** A draft that closes the first issue and gives the second one a hostile title. */
export async function stageTwo(mount: GitHubMount, [first, second]: [number, number]): Promise<void> {
  await omnifs(mount, ["draft", "new", "my-fix"]);
  await omnifs(mount, ["draft", "write", `${OPEN}/${first}/state`, "my-fix"], "closed\n");
  await omnifs(mount, ["draft", "write", `${OPEN}/${second}/title`, "my-fix"], `${HOSTILE} \u202eagain\n`);
}
