/**
 * A real browser that reaches nothing but this machine: headless Chromium, driven by puppeteer.
 *
 * @module
 */
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { has } from "../support/command.ts";

/** Where Debian puts it. */
const CHROMIUM = "/usr/bin/chromium";

/** False where there is no Chromium. */
export const isChromiumThere: boolean = await has(CHROMIUM);

/** Milliseconds that a test of a page waits for one thing: a browser draws by the processor alone, and may share it. */
export const PATIENCE = 180_000;

/** A name that leads to this machine, as one that an attacker has pointed there. */
export const REBOUND = "rebound.test";

/** What went wrong on a page, and what it asked for. */
export interface Witness {
  /** Errors and warnings of the console, violations of the policy among them, and what was thrown. */
  readonly complaints: string[];
  /** The address of every request. */
  readonly requests: string[];
  /** What `alert` and its like said: nobody but hostile text calls them. */
  readonly alerts: string[];
}

/** Runs Chromium while `test` runs. */
export async function withBrowser(test: (browser: Browser) => Promise<void>): Promise<void> {
  const browser = await puppeteer.launch({
    executablePath: CHROMIUM,
    headless: true,
    timeout: PATIENCE,
    args: [
      // Its sandbox refuses to run as root, as tests in a container do.
      ...(Deno.uid() === 0 ? ["--no-sandbox"] : []),
      "--disable-dev-shm-usage",
      `--host-resolver-rules=MAP ${REBOUND} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
    ],
  });
  try {
    await test(browser);
  } finally {
    await browser.close();
  }
}

/** A new tab, and what is seen of it. */
export async function newTab(browser: Browser): Promise<{ readonly page: Page; readonly witness: Witness }> {
  const page = await browser.newPage();
  page.setDefaultTimeout(PATIENCE);
  const witness: Witness = { complaints: [], requests: [], alerts: [] };
  page.on("console", (message) => {
    if (["error", "warn"].includes(message.type())) witness.complaints.push(message.text());
  });
  page.on("pageerror", (error) => witness.complaints.push(String(error)));
  page.on("request", (request) => witness.requests.push(request.url()));
  page.on("dialog", async (dialog) => {
    witness.alerts.push(dialog.message());
    await dialog.dismiss();
  });
  return { page, witness };
}
