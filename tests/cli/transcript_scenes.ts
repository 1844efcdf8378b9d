/**
 * What a transcript needs around it: a daemon that says the same each time, drafts, accounts, a workspace, a kernel.
 *
 * @module
 */
import { DaemonDrafts } from "../../runtime/daemon_drafts.ts";
import { fakeBackend } from "../control/fake_backend.ts";
import { openDesk } from "../drafts/desk.ts";
import { endMount, fuseIsThere } from "../support/kernel.ts";
import { startAccounts } from "./accounts.ts";
import type { Place } from "./fixture.ts";
import { game } from "./game.ts";
import { fakeSystemctl } from "./systemctl.ts";
import { DELIVERIES, served, STATUS } from "./told.ts";

/** Makes a scene in a place; what is put onto the stack ends with it. The result is variables for the shell. */
type Scene = (here: Place, cleanup: AsyncDisposableStack) => Promise<Record<string, string>>;

/** Every scene, by the name that a transcript gives it. */
export const SCENES: Readonly<Record<string, Scene>> = {
  plain: () => Promise.resolve({}),
  told: async (here, cleanup) => {
    const backend = {
      ...fakeBackend(STATUS),
      deliveries: () => DELIVERIES,
      testWebhook: (mount: string) =>
        Promise.resolve({
          mount,
          id: "id-1",
          status: 202,
          says: "",
          milliseconds: 4,
          delivery: DELIVERIES[2] ?? null,
        }),
    };
    backend.bus.publish("watch.started", { mount: "github", watch: "repo:1", sources: ["webhook", "poll"] });
    backend.bus.publish("event.received", { mount: "github", source: "webhook", invalidations: 2 });
    cleanup.use(await served(here, backend));
    return {};
  },
  drafts: async (here, cleanup) => {
    const desk = cleanup.use(await openDesk(`${here.dir}/drafts`));
    const drafts = new DaemonDrafts(() => desk.drafts);
    cleanup.use(await served(here, { ...fakeBackend({ dir: "/mnt/omnifs" }), drafts }));
    return {};
  },
  accounts: (_here, cleanup) => {
    const accounts = cleanup.use(startAccounts());
    accounts.tokens.set("tok_0123456789abcdef", "octocat");
    return Promise.resolve({ GITHUB: accounts.url });
  },
  workspace: async (here) => {
    await game(here);
    return {};
  },
  systemd: async (here, cleanup) => {
    cleanup.defer(() => endMount(`${here.dir}/mnt`));
    await fakeSystemctl(here, { folder: `${here.dir}/.bin` });
    return {};
  },
  kernel: (here, cleanup) => {
    cleanup.defer(() => endMount(`${here.dir}/mnt`));
    return Promise.resolve({});
  },
};

/** True where this machine can make the scene called `name`. */
export async function canMake(name: string): Promise<boolean> {
  return !["kernel", "systemd"].includes(name) || await fuseIsThere();
}
