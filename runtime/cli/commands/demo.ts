/**
 * `omnifs demo`
 *
 * @module
 */
import { messageOf } from "../../base/errors.ts";
import { findDaemons, nameOfDir, socketPathOf } from "../../control/places.ts";
import type { DaemonOptions } from "../../control/options.ts";
import type { StatusDocument } from "../../control/protocol.ts";
import { startInBackground } from "../background.ts";
import { type Command, command, type Context, flag } from "../command.ts";
import { absolute } from "../daemons.ts";
import { type DemoUpstream, startUpstream } from "../demo/upstream.ts";
import { start, type Started, stayInFront } from "../foreground.ts";
import { daemonOptions, NO_GRANTS } from "../grants.ts";
import { prepareMountPoint } from "../mount_point.ts";
import { printable } from "../output.ts";
import { withProgress } from "../progress.ts";
import { invocation } from "../self.ts";

interface Values {
  readonly headless: boolean;
  readonly foreground: boolean;
}

/** What the demo is called where it has no mount point. */
const NAME = "demo";

/** Mounts the tree on sample data. */
export const demo: Command = command<Values>({
  name: "demo",
  summary: "Mount the tree on sample data: no account, no network",
  arguments: [{
    form: "[dir]",
    summary: "an empty directory; omnifs-demo in the folder for temporary files where it is missing",
    values: "dir",
  }],
  options: {
    headless: flag("--headless", "without the kernel: for omnifs ls, cat and find alone"),
    foreground: flag("-f, --foreground", "stay in front, until Ctrl-C"),
  },
  examples: [
    { line: "demo", summary: "and follow what it says" },
    { line: "demo ~/demo", summary: "on a directory of your own" },
  ],
  async run(context, values) {
    const word = context.words[0] ?? await defaultDir(context);
    const running = await alreadyThere(context, word, values.headless);
    if (running !== undefined) return tell(context, running, undefined, "already ");
    const dir = values.headless ? null : (await prepareMountPoint(word, context.clock)).dir;
    if (values.foreground) return await inFront(context, dir);
    const words = ["demo", "--foreground", ...(dir === null ? ["--headless"] : [dir])];
    const starting = startInBackground(context, { name: await nameOf(dir), words });
    const { status, note } = await withProgress(context, "starting the demo", () => starting);
    tell(context, status, note);
  },
});

/** `omnifs-demo` beside other temporary files; with the user's id where somebody else has that name. */
async function defaultDir(context: Context): Promise<string> {
  const dir = `${context.environment("TMPDIR") || "/tmp"}/omnifs-demo`;
  const owner = await Deno.lstat(dir).then((info) => info.isDirectory ? info.uid : -1, (error) => {
    return error instanceof Deno.errors.NotFound ? Deno.uid() : -1;
  });
  return owner === Deno.uid() ? dir : `${dir}-${Deno.uid()}`;
}

/** The demo that runs on `word`, or without a mount point where that is all that there can be. */
async function alreadyThere(
  context: Context,
  word: string,
  headless: boolean,
): Promise<StatusDocument | undefined> {
  const { ControlClient } = await import("../../control/client.ts");
  const daemons = await findDaemons(context.environment);
  const found = daemons.find(({ dir }) => !headless && dir === absolute(word)) ??
    daemons.find(({ dir, name }) => dir === null && name === NAME);
  return found && await new ControlClient(found.socketPath).status(context.signal);
}

async function nameOf(dir: string | null): Promise<string> {
  return dir === null ? NAME : await nameOfDir(dir);
}

async function inFront(context: Context, dir: string | null): Promise<void> {
  await using upstream = await startUpstream();
  await stayInFront(
    context,
    () => begin(context, upstream, dir),
    (status, note) => tell(context, status, note),
  );
}

/** Mounts; where that is impossible, serves the same tree without the kernel. */
async function begin(context: Context, upstream: DemoUpstream, dir: string | null): Promise<Started> {
  if (dir !== null) {
    try {
      return { daemon: await start(await optionsFor(context, upstream, dir)) };
    } catch (error) {
      const note = messageOf(error);
      return { daemon: await start(await optionsFor(context, upstream, null)), note };
    }
  }
  return { daemon: await start(await optionsFor(context, upstream, null)) };
}

async function optionsFor(
  context: Context,
  upstream: DemoUpstream,
  dir: string | null,
): Promise<DaemonOptions> {
  return {
    ...daemonOptions(NO_GRANTS, context),
    dir,
    socketPath: await socketPathOf(await nameOf(dir), context.environment),
    allowNet: upstream.allowNet,
    settings: upstream.settings,
    // Nobody's real credential goes to a stand-in.
    environment: () => undefined,
    credentialDir: null,
    draftDir: null,
  };
}

/** Something that is worth a look. */
interface Sight {
  /** Below the root of the tree. */
  readonly path: string;
  /** What to look at it with where it is mounted; `cat` unless told. */
  readonly kernel?: string;
  /** The command of omnifs where it is not, and what follows the path; `cat` unless told. */
  readonly plain?: readonly [command: string, more?: string];
}

const REPOSITORY = "/github/acme/lighthouse";

/** Of every provider something. */
const SIGHTS: readonly Sight[] = [
  { path: "/hello/greeting" },
  { path: `${REPOSITORY}/_issues/_open`, kernel: "grep -r fog", plain: ["find", " -name title"] },
  { path: `${REPOSITORY}/_prs/_open/6/diff` },
  { path: `${REPOSITORY}/_actions/runs/90210002/log` },
  { path: "/linear/teams/ENG/issues/_open", kernel: "grep -r auth", plain: ["ls -l"] },
  { path: "/docker/containers/_running/web/ports" },
  { path: "/arxiv/papers/2403.03141/abstract" },
  { path: "/dns/lighthouse.example", kernel: "grep -r .", plain: ["ls"] },
  { path: "/docker/containers/_running/lamp/log", kernel: "tail -f" },
];

function tell(context: Context, status: StatusDocument, note: string | undefined, already = ""): void {
  const { out, format } = context;
  if (format === "json") return out.document(status);
  if (format === "jsonl") return out.line(JSON.stringify(status));
  const { dir } = status;
  const omnifs = invocation();
  if (dir === null) {
    if (note !== undefined) out.line(`This machine cannot mount here: ${printable(note)}`);
    out.line(`The same tree is ${already}served without a mount. Try:`);
  } else {
    out.line(`A tree with sample data is ${already}mounted on ${printable(dir)}. Try:`);
  }
  out.line();
  for (const line of dir === null ? withoutKernel(omnifs) : withKernel(dir, omnifs)) out.line(`  ${line}`);
  out.line();
  out.line("To end it:");
  out.line();
  out.line(`  ${omnifs} unmount ${dir ?? NAME}`);
}

function withKernel(dir: string, omnifs: string): string[] {
  const sights = SIGHTS.map(({ path, kernel = "cat" }) => `${kernel} ${dir}${path}`);
  return [`ls ${dir}/*`, ...sights, `${omnifs} status`];
}

function withoutKernel(omnifs: string): string[] {
  const sights = SIGHTS.map(({ path, plain: [command, more = ""] = ["cat"] }) =>
    `${omnifs} ${command} ${path}${more}`
  );
  return [`${omnifs} ls /`, ...sights, `${omnifs} status`];
}
