/**
 * The grammar of the flags, and what is derived from them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import { flagForNeed, parseGrants } from "../../runtime/egress/grant.ts";
import { denoNetScopes, workerPermissions } from "../../runtime/egress/scopes.ts";

const WRONG: readonly (readonly [text: string, mend: RegExp])[] = [
  ["", /write a host/],
  ["https://api.github.com/x", /^write api\.github\.com$/],
  ["::1", /^write \[::1\]$/],
  ["fe80::1:80", /\[/],
  ["[fe80::]/10", /name each/],
  ["*", /write a host/],
  ["a.*.com", /write a host/],
  ["*.10.0.0.1", /write a host/],
  ["example.com:", /write a host/],
  ["example.com:0", /write a host/],
  ["example.com:65536", /write a host/],
  ["10.0.0.0/33", /write a host/],
  ["example.com/path", /write a host/],
  ["user@example.com", /write a host/],
  ["unix:relative.sock", /unix:\/path/],
  ["unix:/a/../b", /unix:\/path/],
  ["exa mple.com", /write a host/],
  [":8000", /write a host/],
];

for (const [text, mend] of WRONG) {
  Deno.test(`--allow-net=${text} is refused, with the flag's text and a mend`, () => {
    assert.throws(() => parseGrants({ allow: [text] }), (error) => {
      assert.ok(error instanceof OmnifsError);
      assert.equal(error.kind, "invalid");
      assert.ok(error.message.startsWith(`--allow-net=${text}: `), error.message);
      assert.match(error.mend ?? "", mend);
      return true;
    });
  });
}

Deno.test("a wrong entry of --deny-net is refused as such, never ignored", () => {
  assert.throws(() => parseGrants({ allow: "all", deny: ["https://x/"] }), /--deny-net=https/);
});

Deno.test("entries are kept in normal form", () => {
  const texts = [
    "EXAMPLE.com.",
    "MÜNCHEN.de:8443",
    "[0::1]:80",
    "[::ffff:10.0.0.1]",
    "10.0.0.0/8",
    "*.A.b",
    "unix:/x",
  ];
  const normal = [
    "example.com",
    "xn--mnchen-3ya.de:8443",
    "[::1]:80",
    "10.0.0.1",
    "10.0.0.0/8",
    "*.a.b",
    "unix:/x",
  ];
  assert.deepEqual(parseGrants({ allow: texts }).allow, normal);
});

Deno.test("no flag and an empty list grant nothing", () => {
  for (const allow of ["none", []] as const) {
    assert.equal(
      parseGrants({ allow }).match({ kind: "name", host: "example.com", port: 443 }).granted,
      false,
    );
  }
});

const COVERS: readonly (readonly [allow: readonly string[] | "all", need: string, covered: boolean])[] = [
  [["api.github.com"], "api.github.com", true],
  [["api.github.com:443"], "api.github.com", true],
  [["api.github.com:8443"], "api.github.com", false],
  [["*.github.com"], "api.github.com", true],
  [["api.github.com"], "*.github.com", false],
  [["*.com"], "*.github.com", true],
  [["10.0.0.0/8"], "10.1.0.0/16", true],
  [["10.1.0.0/16"], "10.0.0.0/8", false],
  [["127.0.0.1:4150"], "127.0.0.1:4150", true],
  [["unix:/a"], "unix:/a", true],
  [["unix:/a"], "unix:/b", false],
  ["all", "anything.example", true],
  ["all", "not a target", false],
];

for (const [allow, need, covered] of COVERS) {
  Deno.test(`--allow-net=${allow} ${covered ? "covers" : "does not cover"} a need of ${need}`, () => {
    assert.equal(parseGrants({ allow }).covers({ target: need }), covered);
  });
}

Deno.test("a need that is denied is not covered", () => {
  assert.equal(
    parseGrants({ allow: "all", deny: ["*.github.com"] }).covers({ target: "api.github.com" }),
    false,
  );
});

Deno.test("the flag for a need is in normal form", () => {
  assert.equal(flagForNeed({ target: "API.github.com" }), "--allow-net=api.github.com");
  assert.equal(flagForNeed({ target: "unix:/var/run/docker.sock" }), "--allow-net=unix:/var/run/docker.sock");
});

Deno.test("the thread's scopes are the list of the flag, whatever the providers need", () => {
  const grants = parseGrants({ allow: ["api.github.com", "127.0.0.1:4150", "10.0.0.0/8", "*.a.com:8443"] });
  const scopes = ["api.github.com", "127.0.0.1:4150", "10.0.0.0/8", "*.a.com"];
  assert.deepEqual(denoNetScopes(grants, [{ target: "evil.test" }]), scopes);
});

Deno.test("under the bare flag the thread's scopes are the needs; without the flag there are none", () => {
  const needs = [{ target: "api.github.com" }, { target: "api.github.com" }, { target: "unix:/x.sock" }];
  assert.deepEqual(denoNetScopes(parseGrants({ allow: "all" }), needs), [
    "api.github.com",
    "unix:/x.sock",
    "unix.invalid:80",
  ]);
  assert.deepEqual(denoNetScopes(parseGrants({ allow: "none" }), needs), []);
});

Deno.test("the thread may touch the granted sockets' files and nothing else", () => {
  assert.deepEqual(workerPermissions(["example.com", "unix:/x.sock"]), {
    net: ["example.com", "unix:/x.sock"],
    read: ["/x.sock"],
    write: ["/x.sock"],
    env: false,
    run: false,
    ffi: false,
    sys: false,
    import: false,
  });
});
