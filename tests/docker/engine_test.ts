/**
 * The Docker provider's component, behind the gate, over a real Docker Engine.
 *
 * @module
 */
import { deepStrictEqual, equal, match, ok, rejects } from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { IMAGE } from "../fakes/docker/api.ts";
import { type Engine, startDocker, whyNoDocker } from "../fakes/docker/engine.ts";
import { bytesOf, textAt, walk } from "../support/projection.ts";
import { until } from "../support/deadline.ts";
import { conforms } from "../conformance/conforms.ts";
import { packed } from "./packed.ts";
import { type Loaded, withComponent } from "./with_engine.ts";

const obstacle = await whyNoDocker();
if (obstacle !== undefined) console.log(`no test of a real Docker Engine: ${obstacle}`);

/** A test with an engine of its own and the component in front of it. */
function onEngine(name: string, test: (engine: Engine, loaded: Loaded) => Promise<void>): void {
  Deno.test({
    name,
    ignore: obstacle !== undefined,
    fn: async () => {
      await using engine = await startDocker();
      await withComponent(engine, (loaded) => test(engine, loaded));
    },
  });
}

const COMPOSE = { "com.docker.compose.project": "shop", "com.docker.compose.service": "api" };

/** Waits until a container's log ends in `line`. */
async function logged(engine: Engine, name: string, line: string): Promise<void> {
  const path = `/containers/${name}/logs?stdout=true&stderr=true`;
  await until(
    async () => (await engine.api.get(path)).includes(line),
    10_000,
    `${line} in the log of ${name}`,
  );
}

onEngine("the provider conforms in its whole tree, and a node is one wherever it is listed", async (
  { api },
  { provider, again },
) => {
  await api.run("web", {
    script: "echo hello; exec sleep 1000",
    labels: COMPOSE,
    env: ["A=1", "B=two words"],
  });
  await api.run("shop-api-2", { labels: COMPOSE, start: false });
  // The Engine fills in LogPath when the log of a container that never ran is first asked for.
  await api.get("/containers/shop-api-2/logs?stdout=true");
  await api.run("tty", { terminal: true, script: "echo in colour; exec sleep 1000" });
  await api.run("paused");
  await api.call("POST", "/containers/paused/pause");
  await api.run("over", { script: "echo done; exit 3" });
  await api.call("POST", "/containers/over/wait");
  await api.run("linked", { host: { Links: ["web:backend"] } });
  await api.run("silent", { host: { LogConfig: { Type: "none" } } });
  await api.call("POST", "/volumes/create", { Name: "data.1" });
  const seen = await conforms(provider, again, { atLeast: 30, raw: /\/log$/ });
  await api.call("POST", "/containers/paused/unpause");
  const names = (path: string) =>
    [...seen.keys()].filter((at) => at.startsWith(path) && !at.slice(path.length).includes("/"))
      .map((at) => at.slice(path.length)).sort();
  const up = ["linked", "linked%2Fbackend", "paused", "silent", "tty", "web"];
  deepStrictEqual(names("/containers/_running/"), up);
  deepStrictEqual(names("/containers/_stopped/"), ["over", "shop-api-2"]);
  deepStrictEqual(names("/containers/_all/"), [...up, "over", "shop-api-2"].sort());
  deepStrictEqual(names("/containers/by-name/"), names("/containers/_all/"));
  equal(names("/containers/by-id/").length, 7);
  deepStrictEqual(names("/compose/shop/api/"), ["shop-api-2", "web"]);
  deepStrictEqual(names("/images/"), [IMAGE.replace("/", "%2F")]);
  deepStrictEqual(names("/networks/"), ["host", "none"]);
  deepStrictEqual(names("/volumes/"), ["data.1"]);
  deepStrictEqual(names("/system/"), ["df.json", "info.json", "version.json"]);
  deepStrictEqual(names("/containers/_running/tty/"), [
    "env",
    "image",
    "inspect.json",
    "log",
    "ports",
    "state",
    "stats.json",
  ]);
  equal(seen.get("/containers/_running/silent/log"), undefined);
  deepStrictEqual(seen.get("/containers/by-name/linked%2Fbackend"), seen.get("/containers/by-name/web"));
});

onEngine("inspect.json is the Engine's own answer, byte by byte but for the white space", async (
  { api },
  { provider },
) => {
  const id = await api.run("web", { script: "echo '<&>' \"ä\" >&2; exec sleep 1000" });
  await api.call("POST", "/volumes/create", { Name: "data", Labels: { "10": "x", "9": "y" } });
  const cases = [
    ["containers/by-name/web/inspect.json", `/containers/${id}/json`],
    [`images/${IMAGE.replace("/", "%2F")}/inspect.json`, `/images/${IMAGE}/json`],
    ["networks/none/inspect.json", "/networks/none"],
    ["volumes/data/inspect.json", "/volumes/data"],
    ["system/version.json", "/version"],
  ] as const;
  for (const [path, url] of cases) {
    const told = await textAt(provider, path) ?? "";
    equal(packed(told), (await api.get(url)).trim(), path);
    match(told, /^\{\n {2}"\w+": .*[^]*\n\}\n$/, path);
  }
  // JavaScript would have put 9 before 10.
  match(await textAt(provider, "volumes/data/inspect.json") ?? "", /"10": "x",\n *"9": "y"/);
});

onEngine("a log is decoded without a terminal, raw with one, and complete", async (engine, { provider }) => {
  const { api } = engine;
  await api.run("both", { script: "echo out; echo err >&2; seq 1 20000; echo end >&2; exec sleep 1000" });
  await api.run("tty", { terminal: true, script: "echo 'in colour'; exec sleep 1000" });
  await logged(engine, "both", "end\n");
  await logged(engine, "tty", "in colour");
  const log = await textAt(provider, "containers/_running/both/log") ?? "";
  const lines = log.split("\n").filter((line) => /^\d+$/.test(line));
  deepStrictEqual(lines, Array.from({ length: 20_000 }, (_, index) => String(index + 1)));
  deepStrictEqual(log.split("\n").filter((line) => !/^\d*$/.test(line)).sort(), ["end", "err", "out"]);
  equal(await textAt(provider, "containers/_running/tty/log"), "in colour\r\n");
});

onEngine("a log is volatile while its container is up, and watched once it is over", async (
  { api },
  { provider },
) => {
  await api.run("web", { script: "echo one; exec sleep 1000" });
  const log = "containers/by-name/web/log";
  equal((await walk(provider, log))?.freshness.tag, "volatile");
  await api.stop("web");
  const after = await walk(provider, log);
  deepStrictEqual(after?.freshness, { tag: "watched", watch: "docker" });
  ok(after?.modified);
  await api.call("POST", "/containers/web/start");
  equal((await walk(provider, log))?.freshness.tag, "volatile");
  const stats = await walk(provider, "containers/by-name/web/stats.json");
  equal(stats?.freshness.tag, "volatile");
});

onEngine("a container that is renamed, stopped, restarted or removed is what it is at each moment", async (
  { api },
  { provider },
) => {
  const id = await api.run("web");
  const before = await walk(provider, "containers/_running/web");
  equal(before?.id, `container/${id}`);
  equal(await textAt(provider, "containers/_running/web/state"), "running\n");
  await api.call("POST", "/containers/web/rename?name=site");
  equal(await walk(provider, "containers/_running/web"), undefined);
  deepStrictEqual(await walk(provider, "containers/_running/site"), before);
  await api.stop("site");
  equal(await walk(provider, "containers/_running/site"), undefined);
  deepStrictEqual(await walk(provider, "containers/_stopped/site"), before);
  equal(await textAt(provider, "containers/by-name/site/state"), "exited\n");
  await api.call("POST", "/containers/site/restart?t=0");
  equal(await textAt(provider, `containers/by-id/${id}/state`), "running\n");
  await api.remove("site");
  equal(await walk(provider, "containers/_all/site"), undefined);
  const gone = (call: Promise<unknown>) =>
    rejects(call, (error) => error instanceof OmnifsError && error.kind === "not-found");
  await gone(provider.listChildren(`container/${id}`, undefined));
  equal(await provider.lookupChild(`container/${id}`, "env"), undefined);
  for (const file of ["log", "terminal-log", "stats.json", "inspect.json"]) {
    await gone(provider.readFile(`container/${id}/${file}`, 0, 10));
  }
});

onEngine("every view of the containers is one callout, with state, image and ports of each", async (
  { api },
  { provider, callouts },
) => {
  for (let n = 0; n < 5; n++) await api.run(`c${n}`, { labels: COMPOSE });
  for (const path of ["containers/_running", "containers/by-id", "compose"]) {
    const node = await walk(provider, path);
    const before = callouts();
    const { also } = await provider.listChildren(node?.id ?? "", undefined);
    equal(callouts() - before, 1, path);
    equal(also.filter(({ parent }) => parent.startsWith("container/")).length, 15, path);
  }
});

onEngine("an image without a name is named by its id, and published ports are told alike", async (
  { api },
  { provider },
) => {
  const Id = (await textAt(provider, `images/${IMAGE.replace("/", "%2F")}/inspect.json`) ?? "")
    .match(/"Id": "(sha256:\w+)"/)?.[1] ?? "";
  await api.run("by-tag");
  await api.call("DELETE", `/images/${IMAGE}?force=true&noprune=true`);
  deepStrictEqual((await provider.listChildren("images", undefined)).entries.map(({ name }) => name), [Id]);
  ok(await textAt(provider, `images/${Id}/inspect.json`));
  equal(await textAt(provider, "containers/_all/by-tag/image"), `${IMAGE}\n`);
  await api.call("POST", `/images/${Id}/tag?repo=a/b/c&tag=2`);
  await api.call("POST", `/images/${Id}/tag?repo=localhost:5000/d&tag=1`);
  const names = (await provider.listChildren("images", undefined)).entries.map(({ name }) => name);
  deepStrictEqual(names.sort(), ["a%2Fb%2Fc:2", "localhost:5000%2Fd:1"]);
  const [one, other] = await Promise.all(names.map((name) => walk(provider, `images/${name}`)));
  deepStrictEqual(one, other);

  await api.call("POST", "/networks/create", { Name: "bridged", Driver: "bridge" });
  try {
    const PortBindings = {
      "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "0" }],
      "53/udp": [{ HostPort: "0" }],
    };
    await api.run("web", { image: Id, host: { NetworkMode: "bridged", PortBindings } });
    const { also } = await provider.listChildren("containers/_running", undefined);
    const listed = also.find(({ entry }) => entry.name === "ports")?.entry.node;
    const ports = await textAt(provider, "containers/_running/web/ports");
    match(
      ports ?? "",
      /^53\/udp -> 0\.0\.0\.0:\d+\n(?:53\/udp -> \[::\]:\d+\n)?80\/tcp -> 127\.0\.0\.1:\d+\n$/,
    );
    equal(listed && new TextDecoder().decode(await bytesOf(provider, listed)), ports);
  } finally {
    await api.remove("web");
    await api.call("DELETE", "/networks/bridged");
  }
});

onEngine("without its grant nothing is asked; an engine that is not there is unavailable", async (engine) => {
  const failsAs = (kind: string, { provider }: Loaded) =>
    rejects(
      provider.listChildren("images", undefined),
      (error) => error instanceof OmnifsError && error.kind === kind,
      kind,
    );
  await withComponent(engine, (loaded) => failsAs("denied", loaded), ["unix:/run/other.sock"]);
  await withComponent({ socket: `${engine.socket}.gone` }, (loaded) => failsAs("unavailable", loaded));
});
