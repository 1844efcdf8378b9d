/**
 * A real Docker Engine on a real mount: what a person does with a shell, and what it costs.
 *
 * @module
 */
import assert from "node:assert/strict";
import { IMAGE } from "../fakes/docker/api.ts";
import { type Engine, startDocker, whyNoDocker } from "../fakes/docker/engine.ts";
import { run } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type Mounted, mountOmnifs } from "../support/mount.ts";
import { following } from "./following.ts";

const obstacle = await fuseIsThere() ? await whyNoDocker() : "no mount can be made";
if (obstacle !== undefined) console.log(`no test of Docker on a mount: ${obstacle}`);

/** An engine, and a mount of it. */
interface DockerMount {
  readonly api: Engine["api"];
  readonly mounted: Mounted;
  /** `docker` on the mount. */
  readonly top: string;
  /** What a program prints, which must succeed. */
  readonly text: (program: string, ...args: string[]) => Promise<string>;
  /**
   * Checks that what `use` reads costs so many requests. The watch's own looks at the Engine's events are not among
   * them; one that is under way is over soon, a request too many is not.
   */
  readonly costs: (requests: number, use: () => Promise<unknown>) => Promise<void>;
  /** How many such requests there were. */
  readonly requests: () => Promise<number>;
}

/** A test with an engine that `seed` has filled, mounted. */
function onMount(
  name: string,
  seed: (api: Engine["api"]) => Promise<unknown>,
  test: (mount: DockerMount) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: obstacle !== undefined,
    fn: async () => {
      await using engine = await startDocker();
      await seed(engine.api);
      await using mounted = await mountOmnifs([
        "--provider=docker",
        `--allow-net=unix:${engine.socket}`,
        `--set=docker.socket=${engine.socket}`,
        "--allow-apply=docker",
      ]);
      await test({
        api: engine.api,
        mounted,
        top: `${mounted.dir}/docker`,
        text,
        ...await accountOf(mounted),
      });
    },
  });
}

/** The first read begins the watch: from then on it looks by itself, over a stream that stays open and by polls. */
async function accountOf(mounted: Mounted): Promise<Pick<DockerMount, "costs" | "requests">> {
  await text("ls", `${mounted.dir}/docker/networks`);
  const watching = async () => {
    const { changes, providers: [provider] } = await mounted.status();
    const { sources } = changes.watches;
    return sources.some(({ source, up }) => source === "stream" && up > 0) &&
      (provider?.counts.polls ?? 0) > 0;
  };
  await until(watching, 20_000, "a watch over the Engine");
  const requests = async () => {
    const { providers: [provider] } = await mounted.status();
    return (provider?.counts.callouts ?? 0) - (provider?.counts.polls ?? 0);
  };
  const costs: DockerMount["costs"] = async (expected, use) => {
    const before = await requests();
    await use();
    await until(async () => await requests() - before === expected, 10_000, `${expected} requests: ${use}`);
  };
  return { costs, requests };
}

async function text(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

const COMPOSE = { "com.docker.compose.project": "shop", "com.docker.compose.service": "api" };

onMount("ls of what runs takes one request, and every path of the tree reads", async (api) => {
  for (let n = 0; n < 20; n++) await api.run(`c${n}`, { start: n < 10 });
  await api.run("web", { script: "echo out; exec sleep 1000", labels: COMPOSE, env: ["A=1", "B=two words"] });
  await api.run("linked", { host: { Links: ["web:backend"] } });
  await api.call("POST", "/volumes/create", { Name: "data" });
}, async ({ api, mounted, top, text, costs }) => {
  const list = async () => {
    assert.equal((await text("ls", `${top}/containers/_running`)).split("\n").length - 1, 13);
  };
  await costs(1, list);
  await costs(0, async () => assert.match(await text("ls", "-l", `${top}/containers/_running`), / web\n/));
  const states = Array.from({ length: 10 }, (_, n) => `${top}/containers/_running/c${n}/state`);
  await costs(0, async () => assert.equal(await text("cat", ...states), "running\n".repeat(10)));

  assert.equal(await text("ls", top), "README.md\ncompose\ncontainers\nimages\nnetworks\nsystem\nvolumes\n");
  assert.equal(await text("ls", `${top}/containers`), "_all\n_running\n_stopped\nby-id\nby-name\n");
  const web = `${top}/containers/by-name/web`;
  assert.equal(await text("ls", web), "env\nimage\ninspect.json\nlog\nports\nstate\nstats.json\n");
  assert.equal(await text("cat", `${web}/env`), "A=1\nB=two words\n");
  assert.equal(await text("cat", `${web}/image`), `${IMAGE}\n`);
  assert.equal(await text("cat", `${web}/ports`), "");
  await until(async () => await text("cat", `${web}/log`) === "out\n", 10_000, "the log");
  assert.equal(JSON.parse(await text("cat", `${web}/stats.json`)).name, "/web");
  const { Id } = JSON.parse(await text("cat", `${web}/inspect.json`));
  const inode = (path: string) => text("stat", "-c", "%i", path);
  for (const path of ["containers/_running/web", `containers/by-id/${Id}`, "compose/shop/api/web"]) {
    assert.equal(await inode(`${top}/${path}`), await inode(web), path);
  }
  assert.equal(await inode(`${top}/containers/_all/linked%2Fbackend`), await inode(web));
  assert.match(await text("ls", `${top}/containers/_stopped`), /^c10\nc11\n[^]*c19\n$/);
  const image = `${top}/images/${IMAGE.replace("/", "%2F")}/inspect.json`;
  assert.deepEqual(JSON.parse(await text("cat", image)), JSON.parse(await api.get(`/images/${IMAGE}/json`)));
  assert.equal(JSON.parse(await text("cat", `${top}/networks/none/inspect.json`)).Driver, "null");
  assert.equal(JSON.parse(await text("cat", `${top}/volumes/data/inspect.json`)).Name, "data");
  assert.match(await text("cat", `${top}/system/version.json`), /"ApiVersion"/);
  assert.equal(JSON.parse(await text("cat", `${top}/system/info.json`)).Containers, 22);
  assert.match(await text("cat", `${top}/system/df.json`), /"LayersSize"/);
  const { stderr } = await run("cat", [`${top}/containers/_running/nobody/state`]);
  assert.match(stderr, /No such file or directory/);
  assert.equal((await mounted.status()).errors.length, 0);
});

onMount(
  "one inspect fills a running container; after that only its log and its measurements cost anything",
  async (api) => {
    await api.run("web", { script: "echo out; exec sleep 1000", env: ["A=1"] });
  },
  async ({ top, text, costs, requests }) => {
    const web = `${top}/containers/by-name/web`;
    await costs(1, () => text("stat", web));
    await costs(1, () => text("cat", `${web}/inspect.json`));
    await costs(0, () => text("cat", `${web}/env`, `${web}/state`, `${web}/inspect.json`));
    for (let i = 0; i < 2; i++) await costs(0, () => text("ls", web));
    await costs(0, async () => assert.equal((await run("cat", [`${web}/nothing`])).code, 1));
    await costs(0, () => text("ls", web));
    // What nobody tells of is asked for at each look; how often that is for one `cat`, the kernel says.
    for (const file of ["log", "log", "stats.json", "stats.json"]) {
      const before = await requests();
      await text("cat", `${web}/${file}`);
      assert(await requests() > before, `${file} is not asked for anew`);
    }
  },
);

onMount("tail -f follows a running container line by line", async (api) => {
  // Each line waits for a file that the test puts into a volume.
  await api.call("POST", "/volumes/create", { Name: "turns" });
  await api.run("clock", {
    script:
      "for n in 1 2 3 4; do while [ ! -e /turns/$n ]; do sleep 0.05; done; echo line $n; done; exec sleep 1000",
    host: { Binds: ["turns:/turns"] },
  });
}, async ({ api, top }) => {
  const turns: string = JSON.parse(await api.get("/volumes/turns")).Mountpoint;
  await using tail = following("tail", "-n", "+1", "-s", "0.1", "-f", `${top}/containers/_running/clock/log`);
  let expected = "";
  for (let n = 1; n <= 4; n++) {
    await Deno.writeTextFile(`${turns}/${n}`, "");
    expected += `line ${n}\n`;
    await until(() => tail.text() === expected, 20_000, `${expected} under tail -f, not ${tail.text()}`);
  }
});

onMount("a container that stops, starts and goes is seen once the cache is dropped", async (api) => {
  await api.run("web", { script: "echo out; exec sleep 1000" });
}, async ({ api, mounted, top, text, costs }) => {
  const inode = await text("stat", "-c", "%i", `${top}/containers/_running/web`);
  assert.equal(await text("cat", `${top}/containers/_running/web/state`), "running\n");
  await api.stop("web");
  await mounted.drop("/docker");
  assert.equal(await text("ls", `${top}/containers/_running`), "");
  assert.equal(await text("stat", "-c", "%i", `${top}/containers/_stopped/web`), inode);
  assert.equal(await text("cat", `${top}/containers/by-name/web/state`), "exited\n");
  const log = `${top}/containers/_stopped/web/log`;
  assert.equal(await text("cat", log), "out\n");
  // The log of a container that is over is kept.
  await costs(0, async () => assert.equal(await text("cat", log), "out\n"));
  await api.remove("web");
  await mounted.drop("/docker");
  const { stderr } = await run("cat", [log]);
  assert.match(stderr, /No such file or directory/);
  assert.equal(await text("ls", `${top}/containers/_all`), "");
});

onMount(
  "what was not granted is EPERM, and status names the flag",
  () => Promise.resolve(),
  async ({ mounted, top }) => {
    const socket = "/run/elsewhere.sock";
    await using other = await mountOmnifs([
      "--provider=docker",
      "--allow-net=unix:/run/other.sock",
      `--set=docker.socket=${socket}`,
    ]);
    assert.match((await run("ls", [`${other.dir}/docker/images`])).stderr, /Operation not permitted/);
    assert((await other.omnifs(["status"])).stdout.includes(`--allow-net=unix:${socket}`));
    assert.equal(await text("ls", `${top}/images`), `${IMAGE.replace("/", "%2F")}\n`);
    assert.equal((await mounted.status()).errors.length, 0);
  },
);

onMount("a draft stops one container, starts another and removes a third, as one", async (api) => {
  // It ends at once when it is asked to: process 1 has no handler for signals otherwise.
  await api.run("web", { script: "trap 'exit 0' TERM; while :; do sleep 0.1; done" });
  await api.run("idle", { start: false });
  await api.run("old", { script: "echo bye" });
  await api.call("POST", "/containers/old/wait");
}, async ({ mounted, top }) => {
  const omnifs = async (...args: string[]) => {
    const { code, stdout, stderr } = await mounted.omnifs(args);
    assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  await omnifs("draft", "new", "d");
  const shadow = `${mounted.dir}/_drafts/d/docker/containers`;
  await text(
    "sh",
    "-ec",
    `echo stopped > ${shadow}/by-name/web/state; echo running > ${shadow}/_all/idle/state; rm -r ${shadow}/_all/old`,
  );
  const refused = await run("bash", ["-c", `echo bogus > ${shadow}/by-name/web/state`]);
  assert.match(refused.stderr, /Invalid argument/);
  const diff = await omnifs("draft", "diff", "d");
  assert.match(
    diff,
    /--- a\/docker\/containers\/by-name\/web\/state\n.*\n@@ -1 \+1 @@\n-running\n\+stopped\n/,
  );
  assert.match(diff, /--- a\/docker\/containers\/_all\/old\/log\n\+\+\+ \/dev\/null\n@@ -1 \+0,0 @@\n-bye\n/);
  assert.equal(
    await omnifs("draft", "apply", "--dry-run", "d"),
    "3 steps, none of them done:\n  start idle\n  stop web\n  remove old (cannot be taken back)\n",
  );
  assert.match(await omnifs("draft", "apply", "d"), /^applied, 3 steps:/);
  assert.equal(await text("cat", `${top}/containers/by-name/web/state`), "exited\n");
  assert.equal(await text("cat", `${top}/containers/by-name/idle/state`), "running\n");
  assert.equal(await text("ls", `${top}/containers/_running`), "idle\n");
  assert.equal(await text("ls", `${top}/containers/_stopped`), "web\n");
  assert.notEqual((await run("ls", [`${top}/containers/by-name/old`])).code, 0);
  await omnifs("draft", "new", "e");
  await text("sh", "-c", `rm -r ${mounted.dir}/_drafts/e/docker/containers/_all/idle`);
  const running = await mounted.omnifs(["draft", "apply", "e"]);
  assert.equal(running.code, 1);
  assert.match(running.stderr, /it is running: only a stopped container can be removed/);
});
