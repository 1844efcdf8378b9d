/**
 * `omnifs auth`, as a person and a script use it, against a stand-in.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseCredential } from "../../runtime/cli/grants.ts";
import { Output } from "../../runtime/cli/output.ts";
import { readSecret, type SecretInput } from "../../runtime/cli/secret_prompt.ts";
import { type Ran, run } from "../support/command.ts";
import { type Accounts, startAccounts } from "./accounts.ts";
import { DEADLINE, omnifsCommand, type Place, place } from "./fixture.ts";

const TOKEN = "tok_Typed-0123456789abcdef";

/** Runs `omnifs` with `input` on its standard input; nothing that it prints may hold the token. */
async function omnifs(
  here: Place,
  args: string[],
  input = "",
  env: Record<string, string> = {},
): Promise<Ran> {
  const [program, words] = omnifsCommand(args);
  const options = { env: { ...here.env, OMNIFS_KEYRING: "none", ...env }, input, deadline: DEADLINE };
  const ran = await run(program, words, options);
  assert.ok(!(ran.stdout + ran.stderr).includes(TOKEN), args.join(" "));
  return ran;
}

async function withAccounts(work: (here: Place, accounts: Accounts) => Promise<void>): Promise<void> {
  await using here = await place();
  await using accounts = startAccounts();
  accounts.tokens.set(TOKEN, "octocat");
  await work(here, accounts);
}

Deno.test("a token from standard input is stored once the upstream has said whose it is; status tells, logout removes", () =>
  withAccounts(async (here, accounts) => {
    const login = await omnifs(here, ["auth", "login", "--url", accounts.url], `${TOKEN}\n`);
    assert.deepEqual([login.code, login.stderr], [0, ""]);
    assert.match(
      login.stdout,
      /^logged in as octocat: GITHUB_TOKEN for \/github at 127\.0\.0\.1:\d+, may repo, read:org\n/,
    );
    assert.deepEqual(accounts.asked.map(({ line }) => line), ["GET /user"]);

    const status = await omnifs(here, ["auth", "status", "--output", "json"]);
    const { credentials: [known, ...others] } = JSON.parse(status.stdout);
    assert.deepEqual(others, []);
    const { mount, name, target, source, kept, account, scopes } = known;
    assert.deepEqual(
      { mount, name, target, source, kept, account, scopes },
      {
        mount: "github",
        name: "GITHUB_TOKEN",
        target: accounts.host,
        source: "store",
        kept: "plain",
        account: "octocat",
        scopes: ["repo", "read:org"],
      },
    );
    assert.equal(accounts.asked.length, 1, "nobody is asked without --check");
    assert.match((await omnifs(here, ["auth", "status", "--check"])).stdout, /store, plain .*\n +of octocat/);
    assert.equal(accounts.asked.length, 2);
    accounts.tokens.clear();
    const refused = await omnifs(here, ["auth", "status", "--check"]);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /does not accept this GITHUB_TOKEN \(401\)/);

    const logout = await omnifs(here, ["auth", "logout", "github"]);
    assert.match(logout.stdout, /^removed GITHUB_TOKEN for \/github/);
    assert.equal((await omnifs(here, ["auth", "logout", "github"])).code, 1);
    assert.equal((await omnifs(here, ["auth", "logout"])).code, 2);
    assert.match((await omnifs(here, ["auth", "status"])).stdout, /^no token is known/);
  }));

Deno.test("a token that the upstream refuses is not stored, nor one that is missing, nor one on two lines", () =>
  withAccounts(async (here, accounts) => {
    const url = ["--url", accounts.url];
    const refused = await omnifs(here, ["auth", "login", ...url], "tok_Unknown-0123456789");
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(refused.stderr, /does not accept this GITHUB_TOKEN \(401\)\n {2}try: /);
    assert.match((await omnifs(here, ["auth", "login", ...url])).stderr, /no token on standard input\n/);
    assert.match(
      (await omnifs(here, ["auth", "login", ...url], `${TOKEN}\nsecond`)).stderr,
      /GITHUB_TOKEN: holds a line break/,
    );
    assert.match((await omnifs(here, ["auth", "status"])).stdout, /^no token is known/);
    const plain = await omnifs(here, ["auth", "login", "--url", "http://api.github.com"], TOKEN);
    assert.match(plain.stderr, /plain http: is for loopback/);
  }));

Deno.test("the token does not follow a redirect of the server that was named", () =>
  withAccounts(async (here, accounts) => {
    await using elsewhere = startAccounts();
    accounts.tokens.clear();
    accounts.other = () => Response.redirect(`${elsewhere.url}/user`);
    const { code, stderr } = await omnifs(here, ["auth", "login", "--url", accounts.url], TOKEN);
    assert.equal(code, 1);
    assert.match(stderr, /answered with a redirect/);
    assert.deepEqual(elsewhere.asked, []);
  }));

Deno.test("a provider that is not bundled has its credential stored by name and host, unasked", () =>
  withAccounts(async (here) => {
    assert.match((await omnifs(here, ["auth", "login", "weather"], TOKEN)).stderr, /--credential NAME/);
    const named = ["auth", "login", "weather", "--credential", "WEATHER_KEY"];
    assert.match((await omnifs(here, named, TOKEN)).stderr, /where may WEATHER_KEY of weather be sent\?/);
    const { code, stdout } = await omnifs(here, [...named, "--host", "weather.example"], TOKEN);
    assert.equal(code, 0);
    assert.match(stdout, /^stored, unasked whose it is: WEATHER_KEY for \/weather at weather\.example\n/);
  }));

Deno.test("a token is imported from a command, a variable or a file, and each time asked whose it is", () =>
  withAccounts(async (here, accounts) => {
    const url = ["--url", accounts.url];
    await Deno.writeTextFile(`${here.dir}/token`, `${TOKEN}\nsecond line\n`);
    await Deno.writeTextFile(
      `${here.dir}/gh`,
      `#!/bin/sh\ntest "$*" = "auth token --hostname ${accounts.host}" && cat ${here.dir}/token\n`,
      {
        mode: 0o755,
      },
    );
    const PATH = `${here.dir}:${Deno.env.get("PATH")}`;
    const rows: [string[], Record<string, string>][] = [
      [[], { PATH }],
      [["--command", `head -n1 ${here.dir}/token`], {}],
      [["--env", "MY_TOKEN"], { MY_TOKEN: TOKEN }],
      [["--file", `${here.dir}/token`], {}],
    ];
    for (const [words, env] of rows) {
      const { code, stdout, stderr } = await omnifs(here, ["auth", "import", ...words, ...url], "", env);
      assert.deepEqual([code, stderr], [0, ""], words.join(" "));
      assert.match(stdout, /^logged in as octocat/);
      assert.equal((await omnifs(here, ["auth", "logout", "github"])).code, 0);
    }
    assert.equal((await omnifs(here, ["auth", "import", "--env", "A", "--file", "b"])).code, 2);
    assert.match((await omnifs(here, ["auth", "import", "--env", "NOT_SET", ...url])).stderr, /it is empty/);
    assert.match(
      (await omnifs(here, ["auth", "import", "--command", "false", ...url])).stderr,
      /ended with code 1/,
    );
  }));

Deno.test("the device flow shows a code, waits for the browser, and stores the token that comes", () =>
  withAccounts(async (here, accounts) => {
    accounts.device = [{ error: "authorization_pending" }, { error: "slow_down", interval: 0 }, {
      access_token: TOKEN,
      token_type: "bearer",
    }];
    const words = ["auth", "login", "--device", "--url", accounts.url, "--scopes", "repo,read:org"];
    assert.match((await omnifs(here, words)).stderr, /needs the client id/);
    const { code, stdout, stderr } = await omnifs(here, [...words, "--client-id", "Iv1.test"]);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Open http:\/\/127\.0\.0\.1:\d+\/login\/device and enter ABCD-1234\n$/);
    assert.match(stdout, /^logged in as octocat/);
    const [begun, ...polls] = accounts.asked;
    assert.equal(begun?.body, "client_id=Iv1.test&scope=repo+read%3Aorg");
    assert.deepEqual(polls.map(({ line }) => line), [
      ...Array(3).fill("POST /login/oauth/access_token"),
      "GET /user",
    ]);
    assert.match(polls[0]?.body ?? "", /device_code=device-code-1&grant_type=urn%3Aietf.*device_code$/);
    for (
      const [error, why] of [["access_denied", /refused in the browser/], [
        "expired_token",
        /not entered in time/,
      ]] as const
    ) {
      accounts.device = [{ error }];
      const ended = await omnifs(here, [...words, "--client-id", "Iv1.test"]);
      assert.equal(ended.code, 1);
      assert.match(ended.stderr, why);
    }
  }));

Deno.test("--credential takes a name, a mount before it and a command after it, and does not tell a wrong one", () => {
  assert.deepEqual(parseCredential("GITHUB_TOKEN=gh auth token"), {
    name: "GITHUB_TOKEN",
    command: "gh auth token",
  });
  assert.deepEqual(parseCredential("weather.WEATHER_KEY"), { mount: "weather", name: "WEATHER_KEY" });
  assert.deepEqual(parseCredential("w.KEY= a=b | head -n1 "), {
    mount: "w",
    name: "KEY",
    command: "a=b | head -n1",
  });
  for (const word of ["", "=x", "weather.", "KEY=", "KEY=  ", "a/b.KEY", "two words"]) {
    assert.throws(() => parseCredential(word), /--credential takes \[MOUNT\.\]NAME/, word);
  }
  assert.throws(() => parseCredential(`a b=${TOKEN}`), (error: Error) => !error.message.includes(TOKEN));
});

/** A terminal on which somebody types `keys`. */
function typing(keys: string): SecretInput & { readonly raw: boolean[] } {
  const left = [...new TextEncoder().encode(keys)];
  const raw: boolean[] = [];
  return {
    raw,
    isTerminal: () => true,
    setRaw: (mode) => void raw.push(mode),
    read(into) {
      const byte = left.shift();
      if (byte === undefined) return Promise.resolve(null);
      into[0] = byte;
      return Promise.resolve(1);
    },
  };
}

Deno.test("a person is asked without an echo; the terminal is as before however it ends", async () => {
  const shown: string[] = [];
  const stream = {
    isTerminal: () => true,
    write(bytes: Uint8Array) {
      shown.push(new TextDecoder().decode(bytes));
      return Promise.resolve(bytes.length);
    },
  };
  const ask = async (input: SecretInput) => {
    const err = new Output(stream, false);
    try {
      return await readSecret(input, err, "Token: ");
    } finally {
      await err.flush();
    }
  };
  for (
    const [keys, secret] of [
      ["tok_x\r", "tok_x"],
      ["tyop\x15tok_y\n", "tok_y"],
      ["tok_\x7f_z\x04", "tok_z"],
      ["tok_w", "tok_w"],
    ] as const
  ) {
    const input = typing(keys);
    assert.equal(await ask(input), secret);
    assert.deepEqual(input.raw, [true, false]);
  }
  const input = typing("tok\x03");
  await assert.rejects(ask(input), { kind: "interrupted" });
  assert.deepEqual(input.raw, [true, false]);
  assert.equal(new Set(shown.join("").split("\n")).size, 2, "only the question is shown");
  assert.doesNotMatch(shown.join(""), /tok/);
});
