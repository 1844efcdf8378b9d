/**
 * `omnifs webhook url`
 *
 * @module
 */
import { OmnifsError } from "../../base/errors.ts";
import type { WebhookDocument, WebhookRouteDocument } from "../../control/webhook_documents.ts";
import { type Command, command, type Context, text, UsageError } from "../command.ts";
import { connect } from "../daemons.ts";
import { DAEMON_OPTION } from "../grants.ts";
import { type Output, printable } from "../output.ts";
import { asTyped } from "../self.ts";

interface Values {
  readonly base: string | undefined;
  readonly mount: string | undefined;
}

/** What is entered at an upstream, and where. */
interface Guide {
  /** Where its webhooks are set up. */
  readonly where: string;
  /** What the field of the address is called. */
  readonly address: string;
  /** The other fields, each with what to enter; where it depends on the secret, by where that is. */
  readonly fields: readonly (readonly [string, string | ((secret: string) => string)])[];
}

/** What is entered for a secret: where it is, here. */
const THE_SECRET = (secret: string) => secret;

/** By the name of the provider. */
const GUIDES: Readonly<Record<string, Guide>> = {
  // https://docs.github.com/webhooks/using-webhooks/creating-webhooks
  github: {
    where: "Settings > Webhooks > Add webhook, of the repository or of the organization",
    address: "Payload URL",
    fields: [
      ["Content type", "application/json"],
      ["Secret", THE_SECRET],
      ["SSL verification", "enabled"],
      [
        "Events",
        [
          "Issues, Issue comments, Labels, Milestones, Pull requests, Pull request reviews, Pull request review comments,",
          "Workflow runs, Workflow jobs, Pushes, Repositories",
        ].join(" "),
      ],
    ],
  },
  // https://linear.app/developers/webhooks
  linear: {
    where: "Settings > Administration > API > Webhooks > New webhook",
    address: "URL",
    fields: [
      ["Signing secret", (secret) => `made by Linear; copy it to where omnifs reads it (${secret})`],
      ["Data change events", "Issues, Comments, Issue labels, Projects, Cycles, Users"],
      ["Team", "all public teams, or one"],
    ],
  },
};

/** By the way in which deliveries are signed, for other providers. */
const FALLBACKS: Readonly<Record<WebhookRouteDocument["verification"], Guide>> = {
  "hub-signature256": { where: "the upstream's webhooks", address: "URL", fields: [["Secret", THE_SECRET]] },
  "linear-signature": {
    where: "the upstream's webhooks",
    address: "URL",
    fields: [["Signing secret", THE_SECRET]],
  },
};

/** What stands for an address that only the user knows. */
const YOUR_HOST = "https://YOUR-HOST";

/** Tells what to enter upstream so that it delivers what happens. */
export const webhookUrl: Command = command<Values>({
  name: "webhook url",
  summary: "What to enter upstream, so that changes are delivered",
  arguments: [{
    form: "[name]",
    summary: "the mount, such as github; all of them where it is missing",
    values: "mount",
  }],
  options: {
    base: text(
      "--base <url>",
      "the public address of your tunnel or proxy, such as https://example.trycloudflare.com",
    ),
    mount: DAEMON_OPTION,
  },
  examples: [
    { line: "webhook url", summary: "every mount that takes deliveries" },
    { line: "webhook url github --base https://example.trycloudflare.com", summary: "ready to paste" },
  ],
  async run(context, { base, mount }) {
    const { webhook } = await (await connect(context, mount)).status(context.signal);
    if (webhook === null) throw noReceiver();
    const routes = chosen(webhook, context.words[0]).map((route) => ({
      ...route,
      url: `${baseOf(base) ?? YOUR_HOST}${route.path}`,
      local: `http://${webhook.address}${route.path}`,
    }));
    const { out, format } = context;
    if (format === "json") return out.document({ address: webhook.address, routes });
    for (const route of routes) {
      if (format === "jsonl") out.line(JSON.stringify(route));
      else show(out, route);
    }
    if (format === "human") outlook(context, webhook, base);
  },
});

function noReceiver(): OmnifsError {
  return new OmnifsError("unsupported", "this omnifs listens for no webhooks", {
    mend: "omnifs mount DIR --webhook-listen 127.0.0.1:9911 --webhook-secret-file FILE",
  });
}

function chosen({ routes }: WebhookDocument, name: string | undefined): readonly WebhookRouteDocument[] {
  const found = routes.filter(({ mount }) => name === undefined || mount === name);
  if (found.length > 0) return found;
  const message = name === undefined ? "no mount takes webhooks" : `${name} takes no webhooks`;
  const mend = routes.length > 0 ? `one of ${routes.map(({ mount }) => mount).join(", ")}` : "omnifs status";
  throw new OmnifsError("not-found", message, { mend });
}

/** `--base` without what it does not need. @throws {UsageError} where it is no address that an upstream would take */
function baseOf(base: string | undefined): string | undefined {
  if (base === undefined) return undefined;
  const url = URL.parse(base);
  if (
    url !== null && /^https?:$/.test(url.protocol) && url.search === "" && url.hash === "" &&
    url.username === ""
  ) {
    return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
  }
  throw new UsageError("--base takes an address such as https://example.com", "");
}

function show(
  out: Output,
  route: WebhookRouteDocument & { readonly url: string; readonly local: string },
): void {
  const guide = GUIDES[route.provider] ?? FALLBACKS[route.verification];
  out.line(`${out.styled("bold", printable(route.mount))}  ${guide.where}`);
  const rows = [[guide.address, route.url] as const, ...guide.fields];
  const width = Math.max(...rows.map(([field]) => field.length));
  for (const [field, value] of rows) {
    const text = typeof value === "string" ? value : value(secretOf(route));
    out.line(`  ${field.padEnd(width)}  ${printable(text)}`);
  }
  const { problem, mend } = route;
  if (problem !== undefined) out.line(`  ${out.styled("yellow", "problem")}: ${printable(problem)}`);
  if (mend !== undefined) out.line(`    try: ${asTyped(printable(mend))}`);
  out.line();
}

/** Where the secret is that both sides know. */
function secretOf({ source, secrets }: WebhookRouteDocument): string {
  if (source === null) return "none yet";
  const where = source.startsWith("/") ? `the line of ${source}` : `the one from the ${source}`;
  return secrets > 1 ? `${where}, any of its ${secrets}` : where;
}

function outlook({ out }: Context, { address }: WebhookDocument, base: string | undefined): void {
  if (base === undefined) {
    out.line(
      `${YOUR_HOST} is the public address of a tunnel or proxy that leads to http://${address}, such as`,
    );
    out.line(`  cloudflared tunnel --url http://${address}`);
  }
  out.line(asTyped("Then see whether it works: omnifs webhook test, omnifs webhook deliveries"));
}
