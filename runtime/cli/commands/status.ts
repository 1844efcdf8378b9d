/**
 * `omnifs status`
 *
 * @module
 */
import { messageOf, OmnifsError } from "../../base/errors.ts";
import { ControlClient, NoDaemonError } from "../../control/client.ts";
import { findDaemons, type FoundDaemon } from "../../control/places.ts";
import type { ChangesDocument, SourceDocument } from "../../control/change_documents.ts";
import type {
  CredentialDocument,
  DraftsDocument,
  ErrorRecord,
  GrantsDocument,
  MountDocument,
  ProviderDocument,
  StatusDocument,
} from "../../control/protocol.ts";
import type { WebhookDocument } from "../../control/webhook_documents.ts";
import { type Command, command, type Context, type ExitCode } from "../command.ts";
import { originLines, pickDaemon, titleOf } from "../daemons.ts";
import { type Output, printable } from "../output.ts";
import { grantsPath, readRemembered } from "../remembered.ts";
import { asTyped } from "../self.ts";
import { Tally } from "../several.ts";
import { count, formatClock, formatDuration, formatMilliseconds, formatSize } from "../units.ts";

/** How many of the latest failures people see; JSON tells all. */
const ERRORS_SHOWN = 5;

/** Tells what runs, what it may and how it fares. */
export const status: Command = command({
  name: "status",
  summary: "What is mounted, what it may, and its last errors",
  arguments: [{ form: "[dir]", summary: "the mount; all of them where it is missing", values: "daemon" }],
  options: {},
  examples: [
    { line: "status", summary: "everything that runs" },
    { line: "status /mnt/omnifs --output json", summary: "one mount, as a document" },
  ],
  async run(context): Promise<ExitCode> {
    const tally = new Tally(context);
    const documents = await ask(context, tally);
    const { out, format } = context;
    if (format === "json") out.document({ mounts: documents });
    for (const document of format === "json" ? [] : documents) {
      if (format === "jsonl") out.line(JSON.stringify(document));
      else show(out, document);
    }
    if (format === "human") await showRemembered(context);
    return tally.code;
  },
});

/** Milliseconds that each omnifs has to answer: one that hangs must not hide the others. */
const ANSWER_DEADLINE = 5_000;

async function ask(context: Context, tally: Tally): Promise<StatusDocument[]> {
  const [dir] = context.words;
  const daemons = dir === undefined
    ? await findDaemons(context.environment)
    : [await pickDaemon(context, dir)];
  if (daemons.length === 0) throw new NoDaemonError(undefined);
  const documents: StatusDocument[] = [];
  await Promise.all(
    daemons.map((daemon) =>
      tally.attempt(async () => void documents.push(await statusOf(daemon, context.signal)))
    ),
  );
  return documents.sort((a, b) => a.startedAt - b.startedAt);
}

async function statusOf(daemon: FoundDaemon, signal: AbortSignal): Promise<StatusDocument> {
  const late = AbortSignal.timeout(ANSWER_DEADLINE);
  try {
    return await new ControlClient(daemon.socketPath).status(AbortSignal.any([signal, late]));
  } catch (error) {
    if (!late.aborted) throw error;
    const title = titleOf(daemon);
    throw new OmnifsError("unavailable", `the omnifs on ${title} (pid ${daemon.pid}) does not answer`, {
      mend: `omnifs unmount --force ${title}`,
      cause: error,
    });
  }
}

function show(out: Output, document: StatusDocument): void {
  const where = document.dirs.map(placeOf).join(", ") || "without a mount point";
  const age = formatDuration(document.uptimeMilliseconds);
  out.line(
    `${out.styled("bold", printable(where))}  omnifs ${document.version}, pid ${document.pid}, up ${age}`,
  );
  for (const provider of document.providers) showProvider(out, provider);
  showGrants(out, document.grants);
  for (const line of originLines(document.origins ?? [])) out.line(`  config    ${line}`);
  for (const credential of document.credentials) showCredential(out, credential);
  showCache(out, document);
  showDrafts(out, document.drafts);
  showWatches(out, document);
  showChanges(out, document.changes);
  if (document.webhook !== null) showWebhook(out, document.webhook);
  const kernel = Object.values(document.fuse.messages).reduce((sum, number) => sum + number, 0);
  if (document.dir !== null) {
    out.line(
      `  kernel    ${count(kernel, "message")}, ${count(document.fuse.notifications, "notification")}`,
    );
  }
  showErrors(out, document.errors);
}

function placeOf({ dir, shows }: MountDocument): string {
  return shows === null ? dir : `${dir} (${shows.join(", ")})`;
}

function showGrants(out: Output, { allow, deny, apply }: GrantsDocument): void {
  const names = (list: readonly string[]) => printable(list.join(", "));
  const never = deny.length > 0 ? `, never ${names(deny)}` : "";
  out.line(`  granted   ${allow.length > 0 ? names(allow) : "nothing"}${never}`);
  if (apply.length > 0) out.line(`            to apply drafts: ${names(apply)}`);
}

/** What the next mount on a terminal will not ask about; what is wrong with it is no reason to show nothing else. */
async function showRemembered({ out, environment }: Context): Promise<void> {
  const targets = await readRemembered(environment).then(
    (grants) => grants.map(({ target }) => target).join(", "),
    (error) => `${grantsPath(environment)}: ${messageOf(error)}`,
  );
  if (targets !== "") {
    out.line(asTyped(`allowed always: ${printable(targets)} (omnifs grants rm TARGET takes it back)`));
  }
}

const LOOKS = { ready: "green", withheld: "yellow", failed: "red" } as const;

function showProvider(out: Output, provider: ProviderDocument): void {
  const { counts } = provider;
  const state = out.styled(LOOKS[provider.state], provider.state.padEnd(8));
  const did = `${count(counts.callouts, "callout")} (${counts.revalidated} not modified), ${
    count(counts.failures, "failure")
  }`;
  const held = counts.rateLimited > 0 ? `, ${counts.rateLimited} held back by a rate limit` : "";
  const title = provider.mount === provider.name ? provider.mount : `${provider.mount} (${provider.name})`;
  out.line(`  ${state}  /${printable(title)} ${provider.version}: ${printable(provider.summary)}`);
  if (counts.callouts + counts.failures > 0) out.line(`            ${did}${held}`);
  for (const need of provider.needs) {
    const sign = need.granted ? "granted" : "not granted";
    out.line(`            ${printable(need.target)} ${sign}: ${printable(need.why)}`);
    if (!need.granted) out.line(`              allow with ${printable(need.flag)}`);
  }
  if (provider.lastError !== undefined) out.line(`            last error: ${printable(provider.lastError)}`);
}

function showCredential(
  out: Output,
  { mount, name, target, source, problem, mend }: CredentialDocument,
): void {
  const what = printable(`${name} for /${mount} at ${target}`);
  if (problem === undefined) return out.line(`  sends     ${what}, from the ${source}`);
  out.line(`  ${out.styled("yellow", "token")}     ${what}: ${printable(problem)}`);
  if (mend !== undefined) out.line(`              try: ${asTyped(printable(mend))}`);
}

function showCache(out: Output, { cache }: StatusDocument): void {
  const asked = cache.hits + cache.misses;
  const rate = asked === 0
    ? "nothing asked yet"
    : `${Math.floor(100 * cache.hits / asked)} % of ${asked} answered`;
  const full = `${formatSize(cache.bytes)} of ${formatSize(cache.maxBytes)}`;
  out.line(
    `  cache     ${full}, ${count(cache.nodes, "node")}, ${count(cache.listings, "listing")}; ${rate}`,
  );
}

function showDrafts(out: Output, counted: DraftsDocument | undefined): void {
  if (counted === undefined || counted.drafts === 0) return;
  const { drafts, changes, partial } = counted;
  out.line(`  drafts    ${count(drafts, "draft")}, ${count(changes, "change")}`);
  for (const name of partial) {
    out.line(`            ${out.styled("yellow", "partial")} ${printable(name)}: its apply stopped halfway`);
    out.line(`              try: ${asTyped(`omnifs draft show ${printable(name)}`)}`);
  }
}

function showWatches(
  out: Output,
  { changes: { watches }, startedAt, uptimeMilliseconds }: StatusDocument,
): void {
  const { alive, lost, sources, troubles } = watches;
  if (alive + lost === 0) return;
  const now = startedAt + uptimeMilliseconds;
  out.line(`  watches   ${alive} alive${lost > 0 ? out.styled("yellow", `, ${lost} lost`) : ""}`);
  for (const source of sources) out.line(`            ${printable(sourceLine(source, now))}`);
  for (const { mount, watch, state, trouble } of troubles.slice(0, ERRORS_SHOWN)) {
    const what = printable(`/${mount} ${watch}: ${trouble}`);
    out.line(`            ${out.styled("yellow", state)} ${what}`);
  }
}

function sourceLine(
  { mount, source, watches, up, lastWord, oldestWord }: SourceDocument,
  now: number,
): string {
  const ago = (moment: number) => formatDuration(Math.max(0, now - moment));
  const down = up < watches ? `, ${watches - up} down` : "";
  if (lastWord === null) return `/${mount} by ${source}: ${watches}${down}, nothing heard yet`;
  const oldest = oldestWord === null || watches === 1 ? "" : `, the oldest ${ago(oldestWord)}`;
  return `/${mount} by ${source}: ${watches}${down}, last word ${ago(lastWord)} ago${oldest}`;
}

function showChanges(out: Output, { heard, latency }: ChangesDocument): void {
  if (heard.length === 0) return;
  const sum = (key: "events" | "invalidations") => heard.reduce((total, each) => total + each[key], 0);
  const { p50, p99 } = latency;
  const told = p50 === null || p99 === null
    ? ""
    : `; the kernel knew after ${formatMilliseconds(p50)} (p50), ${formatMilliseconds(p99)} (p99)`;
  out.line(
    `  changes   ${count(sum("events"), "event")}, ${count(sum("invalidations"), "invalidation")}${told}`,
  );
}

function showWebhook(out: Output, { address, routes }: WebhookDocument): void {
  const mounts = routes.map(({ mount }) => `/${mount}`).join(", ");
  out.line(`  webhooks  http://${address} for ${mounts === "" ? "no mount" : printable(mounts)}`);
  for (const { mount, problem, mend } of routes) {
    if (problem === undefined) continue;
    out.line(`            ${out.styled("yellow", "problem")} ${printable(`/${mount}: ${problem}`)}`);
    if (mend !== undefined) out.line(`              try: ${asTyped(printable(mend))}`);
  }
}

function showErrors(out: Output, errors: readonly ErrorRecord[]): void {
  if (errors.length === 0) return;
  out.line(`  errors    ${count(errors.length, "failure")}, the latest first`);
  for (const { time, path, message, mend } of errors.slice(0, ERRORS_SHOWN)) {
    out.line(
      `            ${formatClock(time)} ${path === undefined ? "" : `${printable(path)}: `}${
        printable(message)
      }`,
    );
    if (mend) out.line(`              try: ${asTyped(printable(mend))}`);
  }
}
