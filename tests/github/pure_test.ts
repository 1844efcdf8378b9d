/**
 * Identities, names, settings and links of the GitHub provider: all that needs no upstream.
 *
 * @module
 */
import { deepStrictEqual, equal, ok, throws } from "node:assert/strict";
import fc from "fast-check";
import { Api } from "../../providers/github/api.ts";
import { manifestOf, originOf, settingsOf } from "../../providers/github/config.ts";
import {
  isNumberName,
  isOwnerName,
  isRepositoryName,
  type KindName,
  mint,
  mintOwner,
  parse,
} from "../../providers/github/ids.ts";
import { HttpClient } from "../../providers/sdk/client.ts";
import type { Request, Response } from "../../providers/sdk/mod.ts";

const NUMBERS: Readonly<Partial<Record<KindName, number>>> = { repo: 1, issue: 2, review: 3, run: 2 };

Deno.test("an identity that was minted is taken apart into what it was made of", () => {
  const kind = fc.constantFrom<KindName>("repo", "issue", "review", "run");
  const part = fc.constantFrom("", "title", "repo.json", "comments", "log@12");
  const number = fc.integer({ min: 1, max: 999_999_999_999_999 });
  fc.assert(fc.property(kind, fc.array(number, { minLength: 3, maxLength: 3 }), part, (name, all, of) => {
    const at = all.slice(0, NUMBERS[name]);
    deepStrictEqual(parse(mint(name, at, of)), { kind: name, login: "", at, part: of });
  }));
  deepStrictEqual(parse(mintOwner("org", "acme")), { kind: "org", login: "acme", at: [], part: "" });
});

Deno.test("an identity that nobody minted has no parts", () => {
  const strange = [
    "issue",
    "issue/1",
    "issue/1/x",
    "issue/01/2",
    "issue/1/2/title/3",
    "constructor/1",
    "user/",
  ];
  for (const id of [...strange, "user/a/b", "ISSUE/1/2", "issue/1/-2", "issue/1/9999999999999999"]) {
    equal(parse(id), undefined, id);
  }
});

Deno.test("names that GitHub cannot have are told without asking it", () => {
  for (const name of ["acme", "Octo-Cat", "x", "dependabot[bot]", "monalisa_acme"]) {
    ok(isOwnerName(name), name);
  }
  for (const name of ["", ".git", "_x", "-a", "a b", "..", "a/b", "ä", "a".repeat(102)]) {
    ok(!isOwnerName(name), name);
  }
  for (const name of ["api", ".github", "_x", "a.b", "...", "-"]) ok(isRepositoryName(name), name);
  for (const name of ["", ".", "..", "a/b", "a b", ".git", "x.GIT", "é"]) ok(!isRepositoryName(name), name);
  for (const name of ["1", "42", "9000000001"]) ok(isNumberName(name), name);
  for (const name of ["", "0", "042", "-1", "1e3", "4.2", "９", "1234567890123456"]) {
    ok(!isNumberName(name), name);
  }
});

Deno.test("without settings the provider asks for GitHub itself, with the credential only for its API", () => {
  const { needs } = manifestOf(settingsOf({}));
  deepStrictEqual(needs?.map(({ target, credential, write }) => [target, credential, write]), [
    ["api.github.com", "GITHUB_TOKEN", true],
    ["*.actions.githubusercontent.com", undefined, false],
    ["*.blob.core.windows.net", undefined, false],
  ]);
});

Deno.test("the needs follow from the settings", () => {
  const given = { api_url: "http://127.0.0.1:4150/", log_hosts: ["127.0.0.1:4151"] };
  const settings = settingsOf(given);
  equal(settings.api, "http://127.0.0.1:4150");
  deepStrictEqual(manifestOf(settings).needs?.map(({ target }) => target), [
    "127.0.0.1:4150",
    "127.0.0.1:4151",
  ]);
  deepStrictEqual(settingsOf({ log_hosts: "a.test, *.b.test" }).logHosts, ["a.test", "*.b.test"]);
  const enterprise = settingsOf({ api_url: "https://ghe.example.com/api/v3" });
  deepStrictEqual(manifestOf(enterprise).needs?.[0]?.target, "ghe.example.com");
});

Deno.test("an address has one origin, and what is no address has none", () => {
  equal(originOf("https://API.github.com/repositories/1?x=@y"), "https://api.github.com");
  equal(originOf("http://127.0.0.1:4150"), "http://127.0.0.1:4150");
  const strange = [
    "ftp://api.github.com/",
    "//api.github.com/",
    "https://u:p@api.github.com/",
    "/repositories/1",
  ];
  for (const url of [...strange, "https://api.github.com\\@evil.test/", "https://"]) {
    throws(() => originOf(url), /not an address/, url);
  }
});

/** An API whose upstream answers an empty list that goes on at `link`. */
function apiWithLink(link: string, asked: Request[] = []): Api {
  const transport = (request: Request): Response => {
    asked.push(request);
    return {
      status: 200,
      headers: [{ name: "link", value: `<${link}>; rel="next"` }],
      body: { tag: "text", val: "[]" },
    };
  };
  return new Api(new HttpClient(transport), settingsOf({}));
}

Deno.test("a list goes on where its link says, as it says it", () => {
  const asked: Request[] = [];
  const next = "https://api.github.com/repositories/1/issues?per_page=100&after=abc%3D&page=2";
  const api = apiWithLink(next, asked);
  equal(api.page("/repositories/1/issues?state=open", undefined).next, next);
  equal(asked[0]?.url, "https://api.github.com/repositories/1/issues?state=open&per_page=100");
  api.page("/repositories/1/issues?state=open", next);
  equal(asked[1]?.url, next);
});

Deno.test("a link or a cursor to another origin is not followed", () => {
  const elsewhere = ["https://evil.test/x", "http://api.github.com/x", "https://api.github.com.evil.test/x"];
  for (const link of elsewhere) {
    throws(() => apiWithLink(link).page("/repositories/1/issues", undefined), /another origin/, link);
    const asked: Request[] = [];
    throws(
      () => apiWithLink("https://api.github.com/x", asked).page("/repositories/1/issues", link),
      /another origin/,
    );
    equal(asked.length, 0, "nothing was sent");
  }
});

Deno.test("every request names the API's version and the media type, and carries no credential of its own", () => {
  const asked: Request[] = [];
  apiWithLink("https://api.github.com/x", asked).page("/repositories/1/issues", undefined);
  const headers = new Map(asked[0]?.headers.map(({ name, value }) => [name, value]));
  equal(headers.get("accept"), "application/vnd.github+json");
  equal(headers.get("x-github-api-version"), "2022-11-28");
  equal(headers.get("user-agent"), "omnifs");
  equal(headers.has("authorization"), false);
});
