/**
 * The toolbox matrix on every provider, each mounted before its stand-in: what the tools read is what the provider tells,
 * and nothing can be written.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { ArxivStandIn } from "../fakes/arxiv/mod.ts";
import { whyNoBind } from "../fakes/bind/mod.ts";
import { startDocker, whyNoDocker } from "../fakes/docker/engine.ts";
import { ensureBuilt } from "../support/build.ts";
import { sh } from "../support/command.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";
import { tempDir } from "../support/temp.ts";
import { copied } from "./copied.ts";
import { mountDns } from "./dns_mount.ts";
import { mountGitHub } from "./github_mount.ts";
import { mountLinear } from "./linear_mount.ts";
import { prepare, reads, refusals, type Stage, step } from "./toolbox.ts";
import { ANYWHERE } from "./tools.ts";

/** One provider before its stand-in. */
interface ProviderRow {
  readonly name: string;
  /** The folder that the tools are let loose on: no two names in it lead to the same file, and none is volatile. */
  readonly path: string;
  /** A file of text in it. */
  readonly file: string;
  /** A directory in it; the folder itself where it holds none. */
  readonly directory?: string;
  /** Mounts it; what else was started is left to `cleanup`. */
  mount(cleanup: AsyncDisposableStack): Promise<Mounted>;
  /** Why it cannot be mounted here. */
  obstacle?(): Promise<string | undefined>;
}

const PROVIDERS: readonly ProviderRow[] = [
  {
    name: "hello",
    path: "/hello",
    file: "README.md",
    directory: "languages",
    mount: async (cleanup) => cleanup.use(await mountOmnifs(["--provider=hello"])),
  },
  {
    name: "github",
    path: "/github/acme/api/_prs/_all",
    file: "1/diff",
    directory: "1",
    async mount(cleanup) {
      const { mounted } = cleanup.use(
        await mountGitHub(async (github) => {
          const pull = await github.addPull("acme/api", { title: "Add", files: { "a b.txt": "one\n" } });
          await github.addComment("acme/api", pull, "nice – très joli");
          await github.addReview("acme/api", pull, "ship it", "APPROVE");
          await github.addPull("acme/api", { state: "merged" });
        }),
      );
      return mounted;
    },
  },
  {
    name: "linear",
    path: "/linear/teams/ENG/issues/_all",
    file: "ENG-1/description.md",
    directory: "ENG-1",
    async mount(cleanup) {
      const { mounted } = cleanup.use(
        await mountLinear(async (linear) => {
          await linear.createIssue("ENG", {
            description: "It crashes.\n\nEvery time.",
            comments: ["one", "two"],
          });
          await linear.createIssue("ENG", { title: "Long", description: "ä".repeat(40_000) });
        }),
      );
      return mounted;
    },
  },
  {
    name: "arxiv",
    path: "/arxiv/papers/2201.13452/versions",
    file: "v1/title",
    directory: "v1",
    async mount(cleanup) {
      const arxiv = cleanup.use(new ArxivStandIn({}));
      arxiv.add({ id: "2201.13452", versions: 3 });
      const flags = Object.entries({ ...arxiv.settings, pace_ms: 0 }).map(([key, value]) =>
        `--set=arxiv.${key}=${value}`
      );
      return cleanup.use(await mountOmnifs(["--provider=arxiv", `--allow-net=${arxiv.host}`, ...flags]));
    },
  },
  {
    name: "dns",
    path: "/dns/zone.test",
    file: "TXT",
    obstacle: whyNoBind,
    mount: async (cleanup) => cleanup.use(await mountDns()).mounted,
  },
  {
    name: "docker",
    path: "/docker/containers/_stopped",
    file: "over/inspect.json",
    directory: "over",
    obstacle: whyNoDocker,
    async mount(cleanup) {
      const { api, socket } = cleanup.use(await startDocker());
      for (const name of ["over", "done"]) {
        await api.run(name, { script: `echo ${name}; exit 3`, env: ["A=1", "B=two words"] });
        await api.call("POST", `/containers/${name}/wait`);
      }
      const flags = [`--allow-net=unix:${socket}`, `--set=docker.socket=${socket}`];
      return cleanup.use(await mountOmnifs(["--provider=docker", ...flags]));
    },
  },
];

const canMount = await fuseIsThere();
await ensureBuilt();

for (const provider of PROVIDERS) {
  const obstacle = canMount ? await provider.obstacle?.() : "no mount can be made";
  if (obstacle !== undefined) console.error(`tests: the toolbox on ${provider.name} is skipped: ${obstacle}`);
  Deno.test({
    name: `on a mount of ${provider.name}, each tool reads what the provider tells, and none can write`,
    ignore: obstacle !== undefined,
    async fn(t) {
      await using cleanup = new AsyncDisposableStack();
      const home = cleanup.use(await tempDir());
      const mounted = await provider.mount(cleanup);
      const stage = await staged(provider, mounted, home.path);
      for (const row of ANYWHERE) await step(t, row, () => reads(row, stage));
      await refusals(t, stage);
      await t.step("ls -i shows one number for each file, and stat the same", () => inodes(stage));
      await t.step(
        "after all of that the mount still answers, and logged no failure",
        () => unharmed(stage, mounted),
      );
    },
  });
}

async function staged(provider: ProviderRow, mounted: Mounted, home: string): Promise<Stage> {
  const [mirror, scratch] = [join(home, "mirror"), join(home, "scratch")];
  const box = mounted.dir + provider.path;
  await copied(mounted, provider.path, mirror);
  await prepare(scratch);
  return { mirror, scratch, box, file: provider.file, directory: provider.directory ?? box };
}

async function inodes({ box }: Stage): Promise<void> {
  const listed = await sh("find . -type f -print0 | sort -z | xargs -0 ls -iU1 | awk '{print $1}'", {
    cwd: box,
  });
  const told = await sh("find . -type f -print0 | sort -z | xargs -0 stat -c %i", { cwd: box });
  strictEqual(listed.stdout, told.stdout);
  const numbers = told.stdout.trim().split("\n");
  ok(numbers.length > 3);
  strictEqual(new Set(numbers).size, numbers.length, "two files share an inode number");
}

async function unharmed({ box, mirror }: Stage, mounted: Mounted): Promise<void> {
  strictEqual((await sh(`diff -r . ${mirror}`, { cwd: box })).stdout, "");
  const { errors, providers } = await mounted.status();
  deepStrictEqual(errors, []);
  deepStrictEqual(providers.map(({ state }) => state), ["ready"]);
}
