/**
 * The places in which the transcripts of the pages are played: a home of its own, and upstreams on this machine.
 *
 * @module
 */
import { omnifsCommand, type Place, place } from "../cli/fixture.ts";
import { startGitHub } from "../fakes/github/mod.ts";
import { Workspace } from "../packer/workspace.ts";
import { sh } from "../support/command.ts";
import { endMount } from "../support/kernel.ts";
import type { Step } from "../support/transcript.ts";

/** Where the pages' author lives, and mounts. */
const HOME = "/home/ada";
const MOUNT = "omnifs";

/** Longest command of a page, in milliseconds. */
const DEADLINE = 120_000;

/** A home in which commands are typed, one after the other. */
export interface Scene extends AsyncDisposable {
  /** Types `command`; both outputs as they come, the home being `/home/ada`. */
  type(command: string): Promise<string>;
}

/** What a scene is made of beside its home. */
interface Setting {
  /** Variables of the shell. */
  readonly env: Readonly<Record<string, string>>;
  /** Lines of the shell that come before each command. */
  readonly before: string;
}

const NOTHING: Setting = { env: {}, before: "" };

/** Each scene that a page may name. */
const SETTINGS: Readonly<Record<string, (here: Place, cleanup: AsyncDisposableStack) => Promise<Setting>>> = {
  /** Nothing is there. */
  empty: () => Promise.resolve(NOTHING),
  /** The demo is mounted on `~/omnifs`. */
  async demo(here) {
    const { code, stderr } = await here.omnifs("demo", `${here.dir}/${MOUNT}`);
    if (code !== 0) throw new Error(stderr);
    return NOTHING;
  },
  /** A workspace with two assets in `~/game`. */
  async workspace(here) {
    const path = `${here.dir}/game`;
    await Deno.mkdir(path);
    // It goes with the home that it lies in.
    await Workspace.in({ path, [Symbol.asyncDispose]: () => Promise.resolve() }, "hero", "button");
    return NOTHING;
  },
  /** `api.github.com` is a stand-in with two issues in `acme/api`, which takes `$GITHUB_TOKEN`. */
  async github(here, cleanup) {
    const github = await startGitHub();
    cleanup.defer(() => github.close());
    await github.createIssue("acme/api", { title: "The log is silent", body: "Nothing at night." });
    await github.createIssue("acme/api", {
      title: "Crash on start",
      body: "With an empty file.",
      labels: ["bug"],
    });
    await Deno.writeTextFile(`${here.dir}/token`, `${github.token}\n`, { mode: 0o600 });
    const [api, logs] = [new URL(github.url).host, new URL(github.logsUrl).host];
    const settings = (mount: string) =>
      `--set ${mount}.api_url=${github.url} --set ${mount}.log_hosts=${logs}`;
    const before = `
      standing_in() {
        for word; do case $word in
          --allow-net=api.github.com) printf '%s\\n' --allow-net=${api},${logs} ${settings("github")} ;;
          github,as=*) printf '%s\\n' "$word"; m=\${word#*as=}; printf '%s\\n' --set $m.api_url=${github.url} ;;
          login) printf '%s\\n' login --url ${github.url} ;;
          127.0.0.1:9911) echo 127.0.0.1:0 ;;
          *) printf '%s\\n' "$word" ;;
        esac; done
      }`;
    // A keyring would outlive the scene.
    return { env: { GITHUB_TOKEN: github.token, OMNIFS_KEYRING: "none" }, before };
  },
};

/** Sets the scene called `name`. */
export async function sceneOf(name: string): Promise<Scene> {
  const set = SETTINGS[name];
  if (set === undefined) throw new Error(`there is no scene ${name}`);
  await using cleanup = new AsyncDisposableStack();
  const here = cleanup.use(await place());
  const setting = await set(here, cleanup);
  cleanup.defer(() => endMount(`${here.dir}/${MOUNT}`));
  const kept = cleanup.move();
  await Deno.writeTextFile(`${here.dir}/.where`, here.dir);
  return {
    type: (command) => typed(here, setting, command),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What a terminal of 110 columns shows of `command`. */
async function typed(here: Place, { env, before }: Setting, command: string): Promise<string> {
  const [program, words] = omnifsCommand([]);
  const started = [program, ...words].map((word) => `'${word}'`).join(" ");
  const script = `
    standing_in() { printf '%s\\n' "$@"; }
    ${before}
    omnifs() { mapfile -t words < <(standing_in "$@"); ${started} "\${words[@]}"; }
    ls() { command ls -C -T 0 -w 110 "$@"; }
    cd "$(cat ~/.where)"
    { ${command}
    } 2>&1
    pwd > ~/.where`;
  const { stdout } = await sh(`exec bash -c "$SCRIPT"`, {
    env: { ...here.env, ...env, LC_ALL: "C.UTF-8", TZ: "UTC", SCRIPT: script },
    deadline: DEADLINE,
  });
  return stdout.trimEnd().replaceAll(here.dir, HOME).replaceAll(
    /(?:npx -y deno@\S+|deno) task omnifs/g,
    "omnifs",
  );
}

/** Plays `steps` in `scene`; what was seen of each. */
export async function played(scene: Scene, steps: readonly Step[]): Promise<Step[]> {
  const seen: Step[] = [];
  for (const { command } of steps) seen.push({ command, output: await scene.type(command) });
  return seen;
}
