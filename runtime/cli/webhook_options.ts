/**
 * The options of `omnifs mount` for the webhook receiver.
 *
 * @module
 */
import type { SecretFileChoice, WebhookOptions } from "../control/options.ts";
import { flag, list, type OptionSpec, quote, UsageError } from "./command.ts";

/** Where to listen. */
export interface ListenChoice {
  /** An IP address, without brackets. */
  readonly hostname: string;
  /** A port; 0 for one that is free. */
  readonly port: number;
}

/** Values of {@linkcode WEBHOOK_OPTIONS}. */
export interface WebhookValues {
  /** Where to listen; nowhere where it is undefined. */
  readonly webhookListen: ListenChoice | undefined;
  /** True where others may reach it without a tunnel. */
  readonly webhookExpose: boolean;
  /** Files with secrets. */
  readonly webhookSecretFile: readonly SecretFileChoice[];
}

/** Options that make a mount take what upstreams deliver. */
export const WEBHOOK_OPTIONS: { readonly [Key in keyof WebhookValues]: OptionSpec<WebhookValues[Key]> } = {
  webhookListen: {
    flags: "--webhook-listen <address>",
    summary:
      "take what upstreams deliver, at an address such as 127.0.0.1:9911 (omnifs webhook url tells the rest)",
    initial: undefined,
    setting: { kind: "word", example: 'webhook-listen = "127.0.0.1:9911"' },
    read: parseListen,
  },
  webhookExpose: {
    ...flag(
      "--webhook-expose",
      "let --webhook-listen name an address that others reach: plain HTTP, signed and not encrypted",
    ),
    setting: { kind: "switch", example: "webhook-expose = true" },
  },
  webhookSecretFile: list(
    "--webhook-secret-file <file>",
    "[MOUNT=]FILE with the webhook's secret; a second line is good too, while it is being changed",
    parseSecretFile,
    {
      values: "file",
      setting: {
        key: "webhook-secret-files",
        kind: "words",
        example: 'webhook-secret-files = ["~/.omnifs-webhook"]',
      },
    },
  ),
};

/** `ADDRESS:PORT`. @throws {UsageError} where it is not that */
export function parseListen(word: string): ListenChoice {
  const [, bracketed, plain, digits] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(word) ?? [];
  const name = bracketed ?? plain;
  const port = Number(digits);
  const hostname = name === "localhost" ? "127.0.0.1" : name;
  const isAddress = bracketed !== undefined || /^\d{1,3}(?:\.\d{1,3}){3}$/.test(hostname ?? "");
  if (hostname === undefined || !isAddress || port > 65_535) {
    throw new UsageError(
      `--webhook-listen takes ADDRESS:PORT such as 127.0.0.1:9911, not ${quote(word)}`,
      "",
    );
  }
  return { hostname, port };
}

/** `[MOUNT=]FILE`. @throws {UsageError} where it is not that */
export function parseSecretFile(word: string, base?: string): SecretFileChoice {
  const [, mount, path] = /^(?:([^=/]+)=)?(.+)$/s.exec(word) ?? [];
  if (path === undefined) {
    throw new UsageError(`--webhook-secret-file takes [MOUNT=]FILE, not ${quote(word)}`, "");
  }
  const absolute = path.startsWith("/") ? path : `${base ?? Deno.cwd()}/${path}`;
  return { path: absolute, ...(mount === undefined ? {} : { mount }) };
}

/** What a daemon is told; undefined where no receiver is wanted. @throws {UsageError} where the words contradict each other */
export function webhookOptions(values: WebhookValues): WebhookOptions | undefined {
  const { webhookListen: listen, webhookExpose, webhookSecretFile: secretFiles } = values;
  if (listen === undefined) {
    if (secretFiles.length === 0 && !webhookExpose) return undefined;
    throw new UsageError("nothing listens for webhooks", "--webhook-listen 127.0.0.1:9911");
  }
  if (!isLoopback(listen.hostname) && !webhookExpose) {
    throw new UsageError(
      `others reach ${listen.hostname}, and what is delivered there is not encrypted`,
      "--webhook-listen 127.0.0.1:9911 behind a tunnel or proxy, or --webhook-expose as well",
    );
  }
  return { ...listen, secretFiles };
}

/** True for 127.0.0.0/8 and ::1. */
function isLoopback(hostname: string): boolean {
  return hostname.startsWith("127.") || /^(?:0*:)*:?0*1$/.test(hostname);
}
