/**
 * GitHub's tree on a real mount, and the figures that say what reading it cost.
 *
 * @module
 */
import { type GitHubStandIn, startGitHub } from "../fakes/github/mod.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";
import { run, type RunOptions } from "../support/command.ts";

/** A stand-in and a mount of it. */
export interface GitHubMount extends AsyncDisposable {
  /** The upstream. */
  readonly github: GitHubStandIn;
  /** The mount. */
  readonly mounted: Mounted;
  /** `github/acme/api` on the mount. */
  readonly repo: string;
  /** What a program prints, which must succeed. */
  text(program: string, ...args: string[]): Promise<string>;
  /** The exit code of a program and what it says on standard error. */
  fails(program: string, ...args: string[]): Promise<{ code: number; stderr: string }>;
  /** Requests that reached the upstream since the mount began. */
  callouts(): Promise<number>;
  /**
   * What was asked of the upstream since its list was emptied, such as `GET /user`; undefined where a poll may be among
   * it, which is first due a minute after the first load.
   */
  asked(): Promise<string[] | undefined>;
  /** Requests of the kernel since the mount began. */
  messages(): Promise<number>;
}

/** The flags that mount the stand-in and nothing else. */
export function flagsFor(github: Pick<GitHubStandIn, "url" | "logsUrl">): string[] {
  const [api, logs] = [new URL(github.url).host, new URL(github.logsUrl).host];
  return [
    "--provider=github",
    `--allow-net=${api},${logs}`,
    `--set=github.api_url=${github.url}`,
    `--set=github.log_hosts=${logs}`,
  ];
}

function flagsOf(
  github: GitHubStandIn,
  grants: ((github: GitHubStandIn) => readonly string[]) | undefined,
): readonly string[] {
  const flags = flagsFor(github);
  if (grants === undefined) return flags;
  return [...flags.filter((flag) => !flag.startsWith("--allow-net=")), ...grants(github)];
}

/** Mounts a new stand-in that `seed` has filled; `args` come after the flags that it takes. */
export async function mountGitHub(
  seed: (github: GitHubStandIn) => Promise<unknown>,
  options: {
    readonly args?: readonly string[];
    /** What is granted, in place of all that the stand-in needs. */
    readonly flags?: (github: GitHubStandIn) => readonly string[];
    readonly env?: Record<string, string>;
    readonly home?: string;
  } = {},
): Promise<GitHubMount> {
  await using cleanup = new AsyncDisposableStack();
  const github = await startGitHub();
  cleanup.defer(() => github.close());
  await seed(github);
  // GitHub tells times in whole seconds: by them, what a test changes is to be newer than what was there before.
  await new Promise((resolve) => setTimeout(resolve, 1_000 - Date.now() % 1_000));
  await github.reset();
  const began = performance.now();
  const mounted = cleanup.use(
    await mountOmnifs([...flagsOf(github, options.flags), ...options.args ?? []], {
      ...(options.home === undefined ? {} : { home: options.home }),
      env: { GITHUB_TOKEN: github.token, ...options.env },
    }),
  );
  const kept = cleanup.move();
  return {
    github,
    mounted,
    repo: `${mounted.dir}/github/acme/api`,
    text: (program, ...args) => text(program, args),
    fails: async (program, ...args) => {
      const { code, stderr } = await run(program, args, DEADLINE);
      return { code, stderr };
    },
    callouts: async () => (await github.requests()).length,
    asked: async () => {
      const asked = (await github.requests()).map(({ method, path }) => `${method} ${path}`);
      return performance.now() - began < FIRST_POLL ? asked : undefined;
    },
    messages: async () =>
      Object.values((await mounted.status()).fuse.messages).reduce((sum, n) => sum + n, 0),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Milliseconds before the first poll; see `providers/github/poll.ts`. */
const FIRST_POLL = 60_000;

const DEADLINE: RunOptions = { deadline: 60_000 };

async function text(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, DEADLINE);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}
