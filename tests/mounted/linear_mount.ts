/**
 * Linear's tree on a real mount, and the figures that say what reading it cost.
 *
 * @module
 */
import { type LinearStandIn, startLinear } from "../fakes/linear/mod.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";
import { run, type RunOptions } from "../support/command.ts";

/** A stand-in and a mount of it. */
export interface LinearMount extends AsyncDisposable {
  /** The upstream. */
  readonly linear: LinearStandIn;
  /** The mount. */
  readonly mounted: Mounted;
  /** `linear` on the mount. */
  readonly top: string;
  /** What a program prints, which must succeed. */
  text(program: string, ...args: string[]): Promise<string>;
  /** What a program that must fail says on standard error. */
  fails(program: string, ...args: string[]): Promise<string>;
  /** Requests that reached the upstream since the mount began. */
  callouts(): Promise<number>;
}

const DEADLINE: RunOptions = { deadline: 120_000 };

/** The flags that mount the stand-in and nothing else. */
export function flagsFor({ url }: Pick<LinearStandIn, "url">): string[] {
  return ["--provider=linear", `--allow-net=${new URL(url).host}`, `--set=linear.endpoint=${url}`];
}

/** Mounts a new stand-in that `seed` has filled, with more flags. */
export async function mountLinear(
  seed: (linear: LinearStandIn) => Promise<unknown>,
  flags: readonly string[] = [],
): Promise<LinearMount> {
  await using cleanup = new AsyncDisposableStack();
  const linear = await startLinear();
  cleanup.defer(() => linear.close());
  await seed(linear);
  await linear.reset();
  const env = { LINEAR_API_KEY: linear.key };
  const mounted = cleanup.use(await mountOmnifs([...flagsFor(linear), ...flags], { env }));
  const kept = cleanup.move();
  return {
    linear,
    mounted,
    top: `${mounted.dir}/linear`,
    async text(program, ...args) {
      const { code, stdout, stderr } = await run(program, args, DEADLINE);
      if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr}`);
      return stdout;
    },
    async fails(program, ...args) {
      const { code, stderr } = await run(program, args, DEADLINE);
      if (code === 0) throw new Error(`${program} ${args.join(" ")} did not fail`);
      return stderr;
    },
    callouts: async () => (await linear.requests()).length,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
