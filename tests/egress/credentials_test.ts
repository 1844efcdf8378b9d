/**
 * Where credentials come from, who gets them, and what becomes of them when they change.
 *
 * @module
 */
import assert from "node:assert/strict";
import { systemClock } from "../../runtime/base/clock.ts";
import { Log } from "../../runtime/base/log.ts";
import { askHelper } from "../../runtime/egress/credential_helper.ts";
import { type CredentialChoice, CredentialSources } from "../../runtime/egress/credential_sources.ts";
import { Credentials, type Wanted } from "../../runtime/egress/credentials.ts";
import { Egress } from "../../runtime/egress/egress.ts";
import { helperEnvironment, runProgram } from "../../runtime/egress/program.ts";
import { tempDir } from "../support/temp.ts";
import { Bench, need, type Setup, TOKEN, Upstream } from "./fixture.ts";

const GITHUB: Wanted = { mount: "github", name: "GITHUB_TOKEN", target: "api.github.com" };

/** Everything that a hostile provider would like to have. */
const VARIABLES: Readonly<Record<string, string>> = {
  AWS_SECRET_ACCESS_KEY: "aws-secret",
  GITHUB_TOKEN: "from-environment",
  PATH: Deno.env.get("PATH") ?? "",
  HOME: "/",
};

interface SourcesSetup {
  readonly choices?: readonly CredentialChoice[];
  readonly bundled?: Readonly<Record<string, string>>;
  readonly stored?: (wanted: Wanted, alias: string | undefined) => string | undefined;
  readonly variables?: Readonly<Record<string, string>>;
  readonly lines?: string[];
}

function sourcesOf(setup: SourcesSetup): CredentialSources {
  const { choices = [], bundled = { github: "github" }, stored, variables = VARIABLES, lines = [] } = setup;
  return new CredentialSources({
    choices,
    bundled: (mount) => bundled[mount],
    environment: (name) => variables[name],
    clock: systemClock,
    store: { find: (wanted, alias) => Promise.resolve(stored?.(wanted, alias)) },
    log: new Log(systemClock, (line) => lines.push(line), "debug"),
  });
}

/** The secret that is found, and where; or why there is none. */
async function found(setup: SourcesSetup, wanted: Wanted): Promise<string> {
  const finding = await sourcesOf(setup).find(wanted);
  return "secret" in finding ? `${finding.source}: ${finding.secret}` : finding.why;
}

Deno.test("the first source that answers wins: the helper, then the environment, then the store", async () => {
  const choices = [{ name: "GITHUB_TOKEN", command: "echo ' from-helper '; echo more" }];
  const stored = () => "from-store";
  assert.equal(await found({ choices, stored }, GITHUB), "helper: from-helper");
  assert.equal(await found({ stored }, GITHUB), "environment: from-environment");
  assert.equal(await found({ stored, variables: {} }, GITHUB), "store: from-store");
  assert.equal(await found({ variables: {} }, GITHUB), "not set");
});

Deno.test("a provider that is not bundled gets no variable by asking for it, and is told the flag", async () => {
  const wanted = { mount: "weather", name: "AWS_SECRET_ACCESS_KEY", target: "weather.example" };
  const finding = await sourcesOf({}).find(wanted);
  assert.deepEqual(finding, {
    why: "not named for weather",
    mend: "--credential weather.AWS_SECRET_ACCESS_KEY, or omnifs auth login weather " +
      "--credential AWS_SECRET_ACCESS_KEY --host weather.example",
  });
  const named = { ...wanted, name: "GITHUB_TOKEN" };
  assert.equal(await found({}, named), "not named for weather");
  // Under the very name of a bundled one it is still another's component.
  assert.equal(await found({ bundled: {} }, GITHUB), "not named for github");
});

Deno.test("a bundled provider gets the variable that its service is known for, and no other", async () => {
  assert.equal(await found({}, { ...GITHUB, name: "AWS_SECRET_ACCESS_KEY" }), "not named for github");
  const bundled = { work: "github", linear: "linear" };
  assert.equal(await found({ bundled }, { ...GITHUB, mount: "work" }), "environment: from-environment");
  assert.equal(await found({ bundled }, { ...GITHUB, mount: "linear" }), "not named for linear");
});

Deno.test("named for its mount by the user, a credential is there for that mount alone", async () => {
  const choices = [{ mount: "weather", name: "AWS_SECRET_ACCESS_KEY" }];
  const wanted = { mount: "weather", name: "AWS_SECRET_ACCESS_KEY", target: "weather.example" };
  assert.equal(await found({ choices }, wanted), "environment: aws-secret");
  assert.equal(await found({ choices }, { ...wanted, mount: "other" }), "not named for other");
  // A helper without a mount is for the bundled provider, however a stranger calls its credential.
  const helper = [{ name: "GITHUB_TOKEN", command: "echo tok" }];
  assert.equal(await found({ choices: helper }, { ...GITHUB, mount: "other" }), "not named for other");
});

Deno.test("a choice that does not say whose, and that nobody bundled is known for, is refused", () => {
  assert.throws(() => sourcesOf({ choices: [{ name: "WEATHER_KEY" }] }), {
    kind: "invalid",
    mend: /--credential MOUNT\.WEATHER_KEY/,
  });
});

Deno.test("what the store has for the bundled GitHub is there under another mount name, and for nobody else", async () => {
  const asked: (string | undefined)[] = [];
  const stored = (_: Wanted, alias: string | undefined) => void asked.push(alias);
  const variables = {};
  const bundled = { work: "github" };
  await found({ stored, variables, bundled }, { ...GITHUB, mount: "work" });
  await found({ stored, variables, bundled }, { ...GITHUB, mount: "weather" });
  await found({ stored, variables, bundled }, { ...GITHUB, mount: "work", name: "OTHER" });
  assert.deepEqual(asked, ["github", undefined, undefined]);
});

Deno.test("a helper that fails is logged without what it printed, and the next source is asked", async () => {
  const lines: string[] = [];
  const choices = [{ name: "GITHUB_TOKEN", command: "echo half-a-token; echo why >&2; exit 3" }];
  assert.equal(await found({ choices, lines }, GITHUB), "environment: from-environment");
  assert.match(lines.join("\n"), /the credential helper echo ended with code 3/);
  assert.doesNotMatch(lines.join("\n"), /half-a-token|why/);
  assert.equal(
    await found({ choices, variables: { PATH: VARIABLES["PATH"] ?? "" } }, GITHUB),
    "the credential helper echo ended with code 3",
  );
});

Deno.test("a helper sees who and where the user is, and no token of the environment", async () => {
  const environment = (name: string) => VARIABLES[name];
  const printed = await askHelper({ environment, clock: systemClock }, "env | sort | tr '\\n' ' '", "x");
  assert.match(printed ?? "", /HOME=\/ .*PATH=/);
  assert.doesNotMatch(printed ?? "", /secret|from-environment|TOKEN/);
  assert.deepEqual(Object.keys(helperEnvironment(environment)).sort(), ["HOME", "PATH"]);
});

Deno.test("a helper that hangs is ended at its deadline", async () => {
  const host = { environment: (name: string) => VARIABLES[name], clock: systemClock, deadline: 100 };
  await assert.rejects(runProgram(host, "/bin/sh", ["-c", "exec sleep 600"]), /took too long/);
  await assert.rejects(
    runProgram({ ...host, deadline: 20_000 }, "/bin/sh", ["-c", "exec yes"]),
    /printed more than a credential/,
  );
  assert.equal(await runProgram(host, "/nonexistent/program", []), undefined);
});

/** A helper of Docker's that knows one server. */
const DOCKER = `#!/bin/sh
read -r server
case "$1 $server" in
  "get https://api.github.com") printf '{"ServerURL":"%s","Username":"me","Secret":"from-docker"}' "$server" ;;
  "get https://odd.example") echo 'tok_shown but no JSON' ;;
  *) echo "credentials not found in native keychain"; exit 1 ;;
esac
`;

Deno.test("docker-credential-* is asked for the server, and answers its secret, nothing, or nonsense", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(`${dir.path}/docker-credential-test`, DOCKER, { mode: 0o755 });
  const PATH = `${dir.path}:${VARIABLES["PATH"]}`;
  const host = { environment: (name: string) => name === "PATH" ? PATH : undefined, clock: systemClock };
  const ask = (target: string, name = "docker-credential-test") => askHelper(host, name, target);
  assert.equal(await ask("api.github.com", `${dir.path}/docker-credential-test`), "from-docker");
  assert.equal(await ask("other.example", `${dir.path}/docker-credential-test`), undefined);
  await assert.rejects(ask("odd.example", `${dir.path}/docker-credential-test`), (error: Error) => {
    assert.match(error.message, /printed no {"Username", "Secret"}/);
    return !error.message.includes("tok_shown");
  });
  await assert.rejects(ask("x", `${dir.path}/docker-credential-absent`), /is not there/);
  assert.equal(await ask("api.github.com"), "from-docker");
});

Deno.test("each mount and target has a secret of its own, and one that was replaced is still looked for", () => {
  const credentials = new Credentials();
  const at = (mount: string, target: string) => ({ mount, name: "A_KEY", target });
  assert.ok(credentials.store(at("a", "x.test"), "secret-of-a"));
  assert.ok(!credentials.store(at("a", "x.test"), " secret-of-a\n"));
  assert.ok(credentials.store(at("b", "x.test"), "secret-of-b"));
  const sent = (mount: string, target: string) => {
    const headers = new Headers();
    const serial = credentials.attach(headers, mount, need(target, "A_KEY"));
    return [serial, headers.get("authorization")];
  };
  assert.deepEqual(sent("a", "x.test"), [1, "Bearer secret-of-a"]);
  assert.deepEqual(sent("b", "x.test"), [2, "Bearer secret-of-b"]);
  assert.deepEqual(sent("a", "y.test"), [undefined, null]);
  assert.ok(credentials.store(at("a", "x.test"), "newer-secret"));
  assert.deepEqual(sent("a", "x.test"), [3, "Bearer newer-secret"]);
  assert.equal(credentials.redact("old secret-of-a, new newer-secret"), "old [redacted], new [redacted]");
  assert.ok(credentials.store(at("a", "x.test"), ""));
  assert.deepEqual(sent("a", "x.test"), [undefined, null]);
  for (const shown of [`${credentials}`, JSON.stringify(credentials), Deno.inspect(credentials)]) {
    assert.doesNotMatch(shown, /secret/);
  }
});

/** An upstream that accepts `accepted()` alone. */
function choosy(accepted: () => string): Upstream {
  return new Upstream(({ headers }) =>
    new Response("hi", { status: headers.get("authorization") === `Bearer ${accepted()}` ? 200 : 401 })
  );
}

function threaded(setup: Setup & { source: () => string; asked: { count: number } }): Bench {
  const find = () => {
    setup.asked.count++;
    return Promise.resolve({ secret: setup.source(), source: "helper" as const });
  };
  return new Bench(setup, (options) => new Egress({ ...options, credentials: { find } }));
}

Deno.test("a refused token is asked for anew, once for many callouts, and each is sent again with the new one", async () => {
  let token = TOKEN;
  let accepted = TOKEN;
  const asked = { count: 0 };
  await using upstream = choosy(() => accepted);
  await using bench = threaded({ allow: [upstream.target], source: () => token, asked });
  assert.equal((await bench.answer(upstream.url())).status, 200);
  token = accepted = "rotated-token-0123456789";
  const answers = await Promise.all(Array.from({ length: 8 }, () => bench.answer(upstream.url())));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200]));
  assert.equal(asked.count, 2);
  assert.equal(bench.gate.describe().credentials[0]?.problem, undefined);
});

Deno.test("a token that stays refused is told in status, and its sources are not asked at every refusal", async () => {
  const asked = { count: 0 };
  await using upstream = choosy(() => "another");
  await using bench = threaded({ allow: [upstream.target], source: () => TOKEN, asked });
  for (let times = 0; times < 5; times++) assert.equal((await bench.answer(upstream.url())).status, 401);
  assert.equal(asked.count, 2);
  const [credential] = bench.gate.describe().credentials;
  assert.deepEqual([credential?.problem, credential?.mend, credential?.source], [
    "TEST_TOKEN: refused by 127.0.0.1",
    "omnifs auth login m",
    "helper",
  ]);
  bench.clock.advance(30_001);
  await bench.answer(upstream.url());
  assert.equal(asked.count, 3);
});

Deno.test("a reload takes up a new token, tells the mounts that it changed for, and forgets the refusal", async () => {
  let token = "";
  await using upstream = choosy(() => TOKEN);
  await using bench = threaded({ allow: [upstream.target], source: () => token, asked: { count: 0 } });
  assert.equal((await bench.answer(upstream.url())).status, 401);
  token = TOKEN;
  assert.deepEqual(await bench.gate.reload(), ["m"]);
  assert.deepEqual(await bench.gate.reload(), []);
  assert.equal((await bench.answer(upstream.url())).status, 200);
  token = "";
  assert.deepEqual(await bench.gate.reload(), ["m"]);
  assert.equal((await bench.answer(upstream.url())).status, 401);
  assert.equal(upstream.header("authorization").at(-1), null);
});

Deno.test("the rate limit of one token does not hold up another", async () => {
  let token = TOKEN;
  await using upstream = new Upstream(({ headers }) =>
    headers.get("authorization") === `Bearer ${TOKEN}`
      ? new Response("wait", { status: 429, headers: { "retry-after": "600" } })
      : new Response("hi")
  );
  await using bench = threaded({ allow: [upstream.target], source: () => token, asked: { count: 0 } });
  await bench.answer(upstream.url());
  assert.equal((await bench.failure(upstream.url())).tag, "rate-limited");
  token = "another-account-0123456789";
  await bench.gate.reload();
  assert.equal((await bench.answer(upstream.url())).status, 200);
});
