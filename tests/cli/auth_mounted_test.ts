/**
 * Tokens and a mount that runs: a login takes effect without a remount, and a token is nowhere but in the requests
 * that it is for.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Ran, run, sh } from "../support/command.ts";
import { until } from "../support/deadline.ts";
import { endMount, fuseIsThere } from "../support/kernel.ts";
import { type Echoing, startEchoing } from "./echoing.ts";
import { DEADLINE, mountsOf, omnifsCommand, type Place, place } from "./fixture.ts";

const ignore = !(await fuseIsThere());

/** Looked for everywhere. */
const TOKEN = "tok_Planted-5f1c9e0b7a3d2468";

/** Another, in the environment of the daemon, that nobody asks for. */
const BYSTANDER = "lin_api_Bystander-77aa88bb99cc";

/** What the bundled GitHub shows of the sample data. */
const ISSUES = "github/acme/lighthouse/_issues/_open";

async function omnifs(here: Place, args: string[], input = ""): Promise<Ran> {
  const [program, words] = omnifsCommand(args);
  const env = { ...here.env, OMNIFS_KEYRING: "none", LINEAR_API_KEY: BYSTANDER };
  return await run(program, words, { env, input, deadline: DEADLINE });
}

/** The words that mount GitHub in front of the stand-in. */
function mountWords(dir: string, { url, hosts }: Echoing): string[] {
  const settings = ["--set", `github.api_url=${url}`, "--set", `github.log_hosts=${hosts[1]}`];
  return ["mount", dir, "--provider", "github", `--allow-net=${hosts.join(",")}`, ...settings];
}

async function mounted(work: (here: Place, dir: string, stand: Echoing) => Promise<void>): Promise<void> {
  await using here = await place();
  await using stand = startEchoing();
  const dir = `${here.dir}/mnt`;
  try {
    await work(here, dir, stand);
  } finally {
    await endMount(dir);
  }
}

Deno.test(
  "a login, a token that stops to be accepted, a new one and a logout take effect without a remount",
  { ignore },
  () =>
    mounted(async (here, dir, stand) => {
      const ls = () => sh(`LC_ALL=C ls ${dir}/${ISSUES}`, { deadline: DEADLINE });
      const login = (token: string) => {
        stand.tokens.clear();
        stand.tokens.add(token);
        return omnifs(here, ["auth", "login", "--url", stand.url], token);
      };
      const credential = async () => {
        const { mounts: [mount] } = JSON.parse((await omnifs(here, ["status", "--output", "json"])).stdout);
        return mount.credentials[0];
      };
      assert.equal((await omnifs(here, mountWords(dir, stand))).code, 0);
      assert.match((await ls()).stderr, /Permission denied/);
      const { source, problem } = await credential();
      assert.deepEqual([source, problem], [null, "GITHUB_TOKEN: not set"]);

      assert.equal((await login(TOKEN)).code, 0);
      assert.match((await ls()).stdout, /^1$/m);
      assert.equal((await credential()).source, "store");

      stand.tokens.clear();
      await omnifs(here, ["cache", "drop"]);
      assert.match((await ls()).stderr, /Permission denied/);
      const refused = await credential();
      assert.match(refused.problem, /^GITHUB_TOKEN: refused by 127\.0\.0\.1/);
      assert.match(
        (await omnifs(here, ["status"])).stdout,
        /refused by 127\.0\.0\.1\n +try: .*omnifs auth login github/,
      );

      assert.equal((await login("tok_Second-5f1c9e0b7a3d2468")).code, 0);
      assert.match((await ls()).stdout, /^1$/m);
      assert.equal((await credential()).problem, undefined);

      assert.equal((await omnifs(here, ["auth", "logout", "github"])).code, 0);
      await omnifs(here, ["cache", "drop"]);
      assert.match((await ls()).stderr, /Permission denied/);
      assert.equal(stand.seen.at(-1), null);
    }),
);

/** Environment and command line of a process and of each of its children, as far as they are still there. */
async function processes(pid: number): Promise<string> {
  const { stdout } = await sh(
    `for p in ${pid} $(cat /proc/${pid}/task/*/children); do cat /proc/$p/environ /proc/$p/cmdline; done 2>/dev/null | tr '\\0' '\\n'`,
  );
  return stdout;
}

Deno.test(
  "a planted token is in the requests that it is for, and nowhere else",
  { ignore },
  () =>
    mounted(async (here, dir, stand) => {
      stand.tokens.add(TOKEN);
      await Deno.writeTextFile(`${here.dir}/planted`, TOKEN, { mode: 0o600 });
      // The helper writes down what it is given.
      const helper = `env > ${here.dir}/helper-environ; cat ${here.dir}/planted`;
      const words = [
        ...mountWords(dir, stand),
        "--log-level",
        "debug",
        "--credential",
        `GITHUB_TOKEN=${helper}`,
      ];
      const places: Record<string, string> = {};
      const keep = ({ stdout, stderr }: Ran) => stdout + stderr;
      places["mount"] = keep(await omnifs(here, words));
      const [daemon] = mountsOf((await omnifs(here, ["status", "--output", "json"])).stdout);
      assert.ok(daemon, places["mount"]);

      // All that there is to read, with the echoes in bodies, headers and redirects; errors on top.
      const everything =
        `find ${dir}/github/acme -type f -not -path '*/_all/*' -exec cat {} + 2>&1; ls -lR ${dir}/${ISSUES}`;
      places["the tree"] = keep(await sh(everything, { deadline: DEADLINE }));
      assert.match(places["the tree"], /You sent Bearer \*+\. /, "the echo of the upstream came, masked");
      assert.match(places["the tree"], /the log of \*+\n/, "the echo behind a redirect came, masked");
      assert.ok(stand.seen.length > 5 && stand.seen.every((sent) => sent === `Bearer ${TOKEN}`));
      assert.ok(stand.atLogs.length > 0 && stand.atLogs.every(({ authorization }) => authorization === null));
      stand.failing.set("/issues", 403);
      await omnifs(here, ["cache", "drop"]);
      places["refused with 403"] = keep(await sh(`ls ${dir}/${ISSUES}`));
      stand.tokens.clear();
      await omnifs(here, ["cache", "drop"]);
      places["refused with 401"] = keep(await sh(`ls -l ${dir}/github/acme ${dir}/${ISSUES}`));
      assert.match(places["refused with 401"], /Permission denied/);
      places["the page of the mount"] = keep(await sh(`cat ${dir}/github/README.md`));
      places["cat without the kernel"] = keep(await omnifs(here, ["ls", `/${ISSUES}`]));

      for (
        const question of ["status", "events", "logs", "cache stats", "auth status", "status --output json"]
      ) {
        places[question] = keep(await omnifs(here, question.split(" ")));
      }
      const socket = (await run("sh", ["-c", `ls ${here.runtimeDir}/*.sock`])).stdout.trim();
      for (
        const path of ["/v1/status", "/v1/events", `/v1/list?path=/${ISSUES}`, `/v1/stat?path=/github/acme`]
      ) {
        places[path] = await asked(socket, path);
      }
      places["processes"] = await processes(daemon.pid);
      places["the helper's environment"] = await Deno.readTextFile(`${here.dir}/helper-environ`);
      assert.match(places["the helper's environment"], /^PATH=/m);
      assert.ok(
        !places["the helper's environment"].includes(BYSTANDER),
        "the helper got a token of another service",
      );

      Deno.kill(daemon.pid, "SIGABRT");
      await until(() => Deno.lstat(`/proc/${daemon.pid}`).then(() => false, () => true), DEADLINE, "the end");
      await Deno.remove(`${here.dir}/planted`);
      // There is no cache where nothing had to be transpiled.
      places["files"] = keep(
        await sh(`grep -rals '${TOKEN}' ${here.dir}/run ${here.dir}/state ${here.dir}/cache`),
      );
      places["the log"] = keep(await sh(`cat ${here.dir}/state/omnifs/logs/*`));
      assert.match(places["the log"], /a credential may be sent/);
      for (const [where, text] of Object.entries(places)) {
        assert.ok(text.length > 0 || where === "files", `${where} said nothing`);
        assert.ok(!text.includes(TOKEN), `the token is in: ${where}`);
        assert.ok(!text.includes(encodeURIComponent(TOKEN)), `the token is in: ${where}`);
      }
      assert.equal(places["files"], "");
    }),
);

/** The whole answer of the control socket, headers included. */
async function asked(socket: string, path: string): Promise<string> {
  const connection = await Deno.connect({ transport: "unix", path: socket });
  const request = `GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`;
  const writer = connection.writable.getWriter();
  await writer.write(new TextEncoder().encode(request));
  writer.releaseLock();
  return await new Response(connection.readable).text();
}
