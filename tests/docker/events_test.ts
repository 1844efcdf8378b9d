/**
 * What the Docker component's events say of a real Engine: by its stream alone, and by looks alone.
 *
 * @module
 */
import { deepStrictEqual, equal, ok } from "node:assert/strict";
import { type EngineApi, IMAGE } from "../fakes/docker/api.ts";
import { startDocker, whyNoDocker } from "../fakes/docker/engine.ts";
import { ensureBuilt } from "../support/build.ts";
import { type Watched, withWatched } from "./watched.ts";

const obstacle = await whyNoDocker();
if (obstacle !== undefined) console.log(`no test of a real Docker Engine: ${obstacle}`);

const SHOP = { "com.docker.compose.project": "shop", "com.docker.compose.service": "api" };

/** One change, the events that tell of it, and what may be said of it besides what is said of containers. */
interface Change {
  readonly name: string;
  readonly make: (api: EngineApi) => Promise<unknown>;
  readonly events: readonly string[];
  /** Every line that is said matches this. */
  readonly about: RegExp;
}

const CONTAINER = /^(?:placed|removed|node) (?:containers\/|container\/|network\/)/;
const COMPOSED = /^(?:placed|removed|node) (?:containers\/|container\/|network\/)|compose/;

/** In order: each goes on from the one before. */
const CHANGES: readonly Change[] = [
  {
    name: "a container is made and started",
    make: (api) => api.run("web"),
    events: ["container create", "container start"],
    about: CONTAINER,
  },
  {
    name: "a container of a Compose project is made",
    async make(api) {
      await api.run("shop-api-1", { labels: SHOP, start: false });
      // The Engine fills in LogPath when the log of a container that never ran is first asked for.
      await api.get("/containers/shop-api-1/logs?stdout=true");
    },
    events: ["container create"],
    about: COMPOSED,
  },
  {
    name: "it is renamed",
    make: (api) => api.call("POST", "/containers/shop-api-1/rename?name=other"),
    events: ["container rename"],
    about: COMPOSED,
  },
  {
    name: "a container is paused",
    make: (api) => api.call("POST", "/containers/web/pause"),
    events: ["container pause"],
    about: CONTAINER,
  },
  {
    name: "it goes on",
    make: (api) => api.call("POST", "/containers/web/unpause"),
    events: ["container unpause"],
    about: CONTAINER,
  },
  {
    name: "its limits change",
    make: (api) => api.call("POST", "/containers/web/update", { CpuShares: 512 }),
    events: ["container update"],
    about: CONTAINER,
  },
  {
    name: "a program runs in it",
    make: async (api) => {
      const made = await api.call("POST", "/containers/web/exec", { Cmd: ["true"] });
      await api.call("POST", `/exec/${JSON.parse(made).Id}/start`, { Detach: false, Tty: false });
    },
    events: ["container exec_create", "container exec_die"],
    about: /^node container\/\w+\/inspect\.json$/,
  },
  {
    name: "it is killed",
    make: (api) => api.call("POST", "/containers/web/kill"),
    events: ["container die"],
    about: CONTAINER,
  },
  {
    name: "both are removed",
    make: async (api) => {
      await api.remove("web");
      await api.remove("other");
    },
    events: ["container destroy", "container destroy"],
    about: COMPOSED,
  },
  {
    name: "an image gets another tag",
    make: (api) => api.call("POST", `/images/${IMAGE}/tag?repo=omnifs-test/other&tag=2`),
    events: ["image tag"],
    about: /^(?:children images$|node image\/)/,
  },
  {
    name: "the tag is taken away",
    make: (api) => api.call("DELETE", "/images/omnifs-test/other:2"),
    events: ["image untag"],
    about: /^(?:children images$|node image\/)/,
  },
  {
    name: "a volume is made",
    make: (api) => api.call("POST", "/volumes/create", { Name: "data" }),
    events: ["volume create"],
    about: /^(?:children volumes$|node volume\/data)/,
  },
  {
    name: "a volume is removed",
    make: (api) => api.call("DELETE", "/volumes/data"),
    events: ["volume destroy"],
    about: /^(?:children volumes$|node volume\/data)/,
  },
];

const make = async ({ api }: { api: EngineApi }) => {
  await api.run("steady", { labels: SHOP });
};

Deno.test({
  name: "each change of a real Engine is seen by its stream alone, and by looks alone",
  ignore: obstacle !== undefined,
  fn: async (t) => {
    await ensureBuilt();
    await using engine = await startDocker();
    await make(engine);
    const ways = [
      {
        name: "by the stream",
        stream: true,
        see: (watched: Watched, { events }: Change) => watched.hear(...events),
      },
      { name: "by looks", stream: false, see: (watched: Watched) => watched.look() },
    ];
    for (const { name, stream, see } of ways) {
      await withWatched(engine, stream, async (watched) => {
        for (const change of CHANGES) {
          await t.step(`${name}: ${change.name}`, async () => {
            await change.make(engine.api);
            const said = await see(watched, change);
            ok(said.length > 0);
            for (const one of said) ok(change.about.test(one), one);
            if (!stream) await watched.agree();
          });
        }
        await watched.agree();
      });
    }
    await withWatched(engine, false, async ({ look, agree, cost, events }) => {
      const idle = await agree();
      await t.step("a look at an engine in which nothing happened is one request", async () => {
        deepStrictEqual(await look(), []);
        equal(cost(), 1);
        equal(await agree(), idle);
      });
      await t.step("a change costs two requests for its container, and the reader none", async () => {
        await engine.api.call("POST", "/containers/steady/pause");
        await look();
        equal(cost(), 3);
        equal(await agree(), idle);
        await engine.api.call("POST", "/containers/steady/unpause");
      });
      await t.step("what happened between the first load and the first look is in that look", async () => {
        const since = Date.now();
        const id = await engine.api.run("early");
        const { invalidations } = await events.poll("docker", undefined, since);
        ok(invalidations.some(({ tag, val }) => tag === "placed" && val[1].node.id === `container/${id}`));
        ok(!invalidations.some(({ tag }) => tag === "watch"));
        await look();
      });
      await t.step("after a restart of the Engine everything is dropped: its events are gone", async () => {
        await engine.restart();
        deepStrictEqual(await look(), ["watch docker"]);
        await agree();
      });
      await t.step("where more happened than the Engine remembers, everything is dropped", async () => {
        await engine.api.call("POST", "/containers/steady/start");
        await look();
        // Each is an event and changes nothing that is shown.
        for (let i = 0; i < 300; i++) {
          await engine.api.call("GET", "/containers/steady/archive?path=/bin/true");
        }
        await engine.api.run("late");
        deepStrictEqual(await look(), ["watch docker"]);
        await agree();
      });
    });
  },
});
