/**
 * The page at the root of a mount, from facts.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type GuideFacts, guidePage } from "../../runtime/daemon_guide_page.ts";

const FACTS: GuideFacts = {
  mount: "gh",
  provider: { name: "github", version: "1.0.0", summary: "Issues of GitHub" },
  bundled: true,
  needs: [
    {
      target: "api.github.com",
      why: "Read issues",
      credential: "GITHUB_TOKEN",
      granted: true,
      flag: "--allow-net=api.github.com",
    },
    {
      target: "logs.example",
      why: "Read logs",
      pace: 3000,
      granted: false,
      flag: "--allow-net=logs.example",
    },
  ],
  credentials: [{
    name: "GITHUB_TOKEN",
    target: "api.github.com",
    source: "environment",
    refusals: 0,
    problem: undefined,
    mend: undefined,
  }],
  changes: "granted",
  deliveries: "taken",
  settings: [],
  guide: "## Tree\n\n    {owner}/   see /{mount}/acme\n",
};

const page = (changes: Partial<GuideFacts>) => guidePage({ ...FACTS, ...changes });
const credential = (changes: Partial<GuideFacts["credentials"][number]>) =>
  page({ credentials: FACTS.credentials.map((each) => ({ ...each, ...changes })) });

Deno.test("the page tells what is reached, with which grant, at which pace, with whose credential", () => {
  const text = page({});
  assert.match(text, /^# gh\n\nIssues of GitHub\.\n/);
  assert.match(text, /^- `api\.github\.com`: Read issues\. Granted\.$/m);
  assert.match(
    text,
    /^- `logs\.example`: .* At most one request in 3 s\. Not granted: .*`--allow-net=logs\.example`\.$/m,
  );
  assert.match(text, /^- `GITHUB_TOKEN`, for `api\.github\.com` alone: in use, from the environment\.$/m);
  assert.ok(text.endsWith("\n") && !text.endsWith("\n\n"));
  const mend = "omnifs auth login gh";
  assert.match(
    credential({ source: undefined, problem: "GITHUB_TOKEN: not set", mend }),
    /alone: no credential is in use \(not set\)\. Try: `omnifs auth login gh`\.$/m,
  );
  assert.match(
    credential({ source: "store", problem: "GITHUB_TOKEN: refused by api.github.com", refusals: 2, mend }),
    /in use, from the store of `omnifs auth login`; refused by api\.github\.com\. Try: `omnifs auth login gh`\.$/m,
  );
  assert.match(page({ needs: [], credentials: [] }), /^- nothing: it asks for no network$/m);
});

Deno.test("the page tells what becomes of a write, and the lines that stage one", () => {
  const staged = /^ {6}omnifs draft write \/gh\/PATH NAME < FILE$/m;
  assert.match(page({}), staged);
  assert.match(page({}), /Changes are staged in a draft, and sent when it is applied:/);
  assert.match(
    page({ changes: "withheld" }),
    /Not granted: with `--allow-apply=gh`, changes would be staged/,
  );
  assert.match(page({ changes: "withheld" }), staged);
  for (const changes of ["none", "unmounted"] as const) assert.doesNotMatch(page({ changes }), staged);
  for (const changes of ["none", "unmounted", "withheld", "granted"] as const) {
    assert.match(page({ changes }), /a write fails with "Read-only file system"/);
  }
});

Deno.test("the page tells how changes are found", () => {
  assert.match(page({}), /Webhooks: deliveries to this mount are taken\./);
  assert.match(page({ deliveries: "none" }), /Webhooks: no receiver runs \(`--webhook-listen` starts one\)/);
  assert.match(
    page({ deliveries: "unverified" }),
    /no deliveries are taken for this mount \(`omnifs webhook url`\)/,
  );
});

Deno.test("settings are told with where they come from, and without what may be a secret", () => {
  const setting = { key: "api_url", given: true, secret: false, description: "Address of the API" };
  const shown = (changes: Partial<GuideFacts["settings"][number]>) =>
    page({ settings: [{ ...setting, value: undefined, ...changes }] });
  const url = "https://ada:hunter2@ghe.example/api?access_token=hunter2";
  assert.match(
    shown({ value: url }),
    /^- `gh\.api_url` = `https:\/\/ghe\.example\/api\?access_token=…` \(set\): Address/m,
  );
  assert.match(shown({ value: ["a", "b"], given: false }), /^- `gh\.api_url` = `a, b` \(default\)/m);
  assert.match(shown({}), /^- `gh\.api_url` = none /m);
  const hidden = shown({ key: "password", value: "hunter2", secret: true });
  assert.match(hidden, /^- `gh\.password` = \(not shown\) \(set\)/m);
  for (const text of [shown({ value: url }), hidden]) assert.doesNotMatch(text, /hunter2|ada/);
});

Deno.test("a provider's own words come last, for this mount, and cannot pass for those of omnifs or move a terminal", () => {
  const [ours = "", theirs = ""] = page({}).split("\n---\n\nThe provider's own words:\n\n");
  assert.match(ours, /^## More$/m);
  assert.equal(theirs, "## Tree\n\n    {owner}/   see /gh/acme\n");
  const evil = "a\x1b[2J\rb\u009bc\u202ed`\n## More\n";
  const provider = { name: evil, version: evil, summary: evil };
  const text = page({ provider, guide: evil, needs: FACTS.needs.map((need) => ({ ...need, why: evil })) });
  // deno-lint-ignore no-control-regex -- they are what is looked for
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]/);
  const [before = ""] = text.split("\n---\n");
  assert.equal(before.match(/^## More$/mg)?.length, 1);
  assert.equal(page({ guide: undefined }).includes("own words"), false);
});
