/**
 * The domain name system on a real mount, with BIND behind it.
 *
 * @module
 */
import { type Bind, startBind } from "../fakes/bind/mod.ts";
import { run } from "../support/command.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";

/** BIND and a mount of it. */
export interface DnsMount extends AsyncDisposable {
  /** The upstream. */
  readonly bind: Bind;
  /** The mount. */
  readonly mounted: Mounted;
  /** `dns` on the mount. */
  readonly dns: string;
  /** What a program prints, which must succeed. */
  text(program: string, ...args: string[]): Promise<string>;
  /** What a program that must fail says on standard error. */
  fails(program: string, ...args: string[]): Promise<string>;
}

const DEADLINE = { deadline: 60_000 };

/** Starts BIND and mounts it; `flags` says how. */
export async function mountDns(flags: (bind: Bind) => readonly string[] = usual): Promise<DnsMount> {
  await using cleanup = new AsyncDisposableStack();
  const bind = cleanup.use(await startBind());
  // How a user trusts an authority of their own: Deno's own variable.
  const env = { DENO_CERT: bind.caFile };
  const mounted = cleanup.use(await mountOmnifs(["--provider=dns", ...flags(bind)], { env }));
  const kept = cleanup.move();
  return {
    bind,
    mounted,
    dns: `${mounted.dir}/dns`,
    async text(program, ...args) {
      const { code, stdout, stderr } = await run(program, args, DEADLINE);
      if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr}`);
      return stdout;
    },
    async fails(program, ...args) {
      const { code, stdout, stderr } = await run(program, args, DEADLINE);
      if (code === 0) throw new Error(`${program} ${args.join(" ")} did not fail: ${stdout}`);
      return stderr;
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Everything of BIND is granted, and it is asked for names without `@`. */
export function usual(bind: Bind): string[] {
  return [
    `--allow-net=${bind.server},${bind.validating},${bind.https}`,
    `--set=dns.resolver=${bind.server}`,
  ];
}
