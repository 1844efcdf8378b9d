/**
 * The Docker provider's component over Podman's service, whose answers differ from Docker's.
 *
 * @module
 */
import { deepStrictEqual, equal, match, ok } from "node:assert/strict";
import { IMAGE } from "../fakes/docker/api.ts";
import { startPodman, whyNoPodman } from "../fakes/docker/engine.ts";
import { textAt, walk } from "../support/projection.ts";
import { until } from "../support/deadline.ts";
import { conforms } from "../conformance/conforms.ts";
import { packed } from "./packed.ts";
import { withWatched } from "./watched.ts";
import { withComponent } from "./with_engine.ts";

const obstacle = await whyNoPodman();
if (obstacle !== undefined) console.log(`no test of Podman: ${obstacle}`);

/** Podman names the registry of an image that came from nowhere. */
const FULL_NAME = `docker.io/${IMAGE}`;

Deno.test({
  name: "Podman's whole tree reads as Docker's does: names with a registry, null fields, no networks",
  ignore: obstacle !== undefined,
  fn: async () => {
    await using engine = await startPodman();
    const { api } = engine;
    const labels = { "com.docker.compose.project": "shop", "com.docker.compose.service": "api" };
    const id = await api.run("web", { script: "echo out; echo '<err>' >&2; exec sleep 1000", labels });
    await api.run("tty", { terminal: true, script: "echo in colour; exec sleep 1000" });
    await api.run("fresh", { start: false });
    await api.run("over", { script: "exit 3" });
    await api.call("POST", "/containers/over/wait");
    await api.call("POST", "/volumes/create", { Name: "data" });
    const log = "/containers/web/logs?stdout=true&stderr=true";
    await until(async () => (await api.get(log)).includes("<err>"), 10_000, "the log of web");
    await withComponent(engine, async ({ provider, again }) => {
      const seen = await conforms(provider, again, { atLeast: 30, raw: /\/log$/ });
      const names = (path: string) =>
        [...seen.keys()].filter((at) => at.startsWith(path) && !at.slice(path.length).includes("/"))
          .map((at) => at.slice(path.length)).sort();
      deepStrictEqual(names("/containers/_running/"), ["tty", "web"]);
      deepStrictEqual(names("/containers/_stopped/"), ["fresh", "over"]);
      deepStrictEqual(names("/images/"), [FULL_NAME.replaceAll("/", "%2F")]);
      deepStrictEqual(names("/volumes/"), ["data"]);
      deepStrictEqual(seen.get("/compose/shop/api/web"), seen.get("/containers/_running/web"));
      equal(seen.get("/containers/_running/web")?.id, `container/${id}`);
      const states = { web: "running", over: "exited", fresh: "created" };
      for (const [name, state] of Object.entries(states)) {
        equal(await textAt(provider, `containers/by-name/${name}/state`), `${state}\n`);
      }
      equal(await textAt(provider, "containers/by-name/web/image"), `${FULL_NAME}\n`);
      match(await textAt(provider, "containers/by-name/web/env") ?? "", /^container=podman$/m);
      const inspect = await textAt(provider, "containers/by-name/web/inspect.json") ?? "";
      equal(packed(inspect), (await api.get("/containers/web/json")).trim());
      match(inspect, /\\u003cerr\\u003e/, "escapes stay");
      equal(await textAt(provider, "containers/by-name/web/log"), "out\n<err>\n");
      equal(await textAt(provider, "containers/by-name/tty/log"), "in colour\r\n");
      equal(await textAt(provider, "containers/by-name/over/stats.json"), "", "Podman says nothing of it");
      ok(await textAt(provider, "containers/by-name/web/stats.json"));
      await api.remove("web");
      equal(await walk(provider, "containers/by-name/web"), undefined);
    });
  },
});

Deno.test({
  name: "each change of Podman is seen by its stream alone, and by looks alone",
  ignore: obstacle !== undefined,
  fn: async (t) => {
    await using engine = await startPodman();
    const { api } = engine;
    const labels = { "com.docker.compose.project": "shop", "com.docker.compose.service": "api" };
    await api.run("steady", { labels });
    let tags = 0;
    const changes: [name: string, event: string, make: () => Promise<unknown>][] = [
      ["a container is made and started", "container start", () => api.run("web", { labels })],
      ["it is renamed", "container rename", () => api.call("POST", "/containers/web/rename?name=other")],
      ["it is paused", "container pause", () => api.call("POST", "/containers/other/pause")],
      ["it goes on", "container unpause", () => api.call("POST", "/containers/other/unpause")],
      ["it is killed", "container die", async () => {
        await api.call("POST", "/containers/other/kill");
        await api.call("POST", "/containers/other/wait");
      }],
      ["it is removed", "container remove", () => api.remove("other")],
      ["a volume is made", "volume create", () => api.call("POST", "/volumes/create", { Name: "data" })],
      ["a volume is removed", "volume remove", () => api.call("DELETE", "/volumes/data")],
      [
        "an image gets a tag",
        "image tag",
        () => api.call("POST", `/images/${IMAGE}/tag?repo=a&tag=t${++tags}`),
      ],
    ];
    for (const stream of [true, false]) {
      await withWatched(engine, stream, async ({ hear, look, agree }) => {
        for (const [name, event, make] of changes) {
          await t.step(`${stream ? "by the stream" : "by looks"}: ${name}`, async () => {
            await make();
            // Podman notes an image's event a moment after it has answered.
            const seen = async () => {
              const said = await look();
              return said.length > 0 ? said : undefined;
            };
            const said = stream ? await hear(event) : await until(seen, 10_000, event);
            ok(!said.includes("watch docker"), said.join("\n"));
            await agree();
          });
        }
      });
    }
  },
});
