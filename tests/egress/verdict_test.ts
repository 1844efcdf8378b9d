/**
 * Grants, needs and requests, and what becomes of each: the table of the capability boundary.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Checkpoint, Refusal } from "../../runtime/egress/checkpoint.ts";
import { parseDestination, parseRedirect } from "../../runtime/egress/destination.ts";
import { parseGrants } from "../../runtime/egress/grant.ts";

/** What names lead to in this table. */
const ZONE: Readonly<Record<string, readonly string[]>> = {
  "api.github.com": ["140.82.121.6"],
  "v6.example.com": ["2606:2800:220:1::1"],
  "intranet.example.com": ["10.1.2.3"],
  "both.example.com": ["93.184.216.34", "192.168.0.7"],
  "metadata.example.com": ["169.254.169.254"],
  "mapped.example.com": ["127.0.0.1"],
  "rebound.example.com": ["::1"],
  "nat64.example.com": ["64:ff9b::a01:203"],
  "nat64public.example.com": ["64:ff9b::5db8:d822"],
  "localhost": ["127.0.0.1", "::1"],
  "xn--mnchen-3ya.de": ["93.184.216.34"],
  "example.com": ["93.184.216.34"],
};

/** A row's verdict: the flag of the denial, `no flag`, `unreadable`, or `pass`. */
type Expected = "pass" | "unreadable" | "no flag" | `--allow-net=${string}`;

type Row = readonly [allow: string, needs: string, url: string, expected: Expected, deny?: string];

const GH = "api.github.com";

const ROWS: readonly Row[] = [
  // The plain cases.
  [GH, GH, "https://api.github.com/repos", "pass"],
  ["", GH, "https://api.github.com/repos", "--allow-net=api.github.com"],
  ["export.arxiv.org", GH, "https://api.github.com/", "--allow-net=api.github.com"],
  ["all", GH, "https://api.github.com/", "pass"],
  // A grant that was given for another provider's need is no use to this one.
  [`${GH} example.com`, GH, "https://example.com/", "no flag"],
  ["all", GH, "https://example.com/", "no flag"],
  ["all", "", "https://api.github.com/", "no flag"],
  // Deny wins.
  [GH, GH, "https://api.github.com/", "no flag", GH],
  ["all", GH, "https://api.github.com/", "no flag", "*.github.com"],
  ["all", GH, "https://api.github.com/", "no flag", "140.82.0.0/16"],
  ["all", GH, "https://api.github.com/", "pass", "api.github.com:8443"],
  ["all", GH, "https://api.github.com/", "no flag", "all"],
  // Spelling of a name.
  [GH, GH, "https://API.GitHub.COM/", "pass"],
  ["API.GITHUB.COM.", "Api.GitHub.com", "https://api.github.com/", "pass"],
  [GH, GH, "https://api.github.com./", "pass"],
  [GH, GH, "https://api.github.com../", "unreadable"],
  [GH, GH, "https://\uff41pi.github.com/", "pass"],
  [GH, GH, "https://api%2egithub.com/", "pass"],
  ["xn--mnchen-3ya.de", "münchen.de", "https://MÜNCHEN.de/", "pass"],
  ["münchen.de", "xn--mnchen-3ya.de", "https://xn--mnchen-3ya.de/", "pass"],
  // Hosts that only look like the granted one.
  ["example.com", "example.com", "https://example.com.evil.test/", "no flag"],
  ["example.com", "example.com", "https://notexample.com/", "no flag"],
  ["example.com", "example.com", "https://example.com@evil.test/", "unreadable"],
  ["example.com", "example.com", "https://evil.test#@example.com/", "no flag"],
  ["example.com", "example.com", "https://evil.test\\@example.com/", "unreadable"],
  ["example.com", "example.com", "https://user:pw@example.com/", "unreadable"],
  ["example.com", "example.com", "https://@example.com/", "pass"],
  ["example.com", "example.com", "https://exam\tple.com/", "unreadable"],
  ["example.com", "example.com", " https://example.com/", "unreadable"],
  ["example.com", "example.com", "https:/example.com/", "pass"],
  ["example.com", "example.com", "//example.com/", "unreadable"],
  ["example.com", "example.com", "ftp://example.com/", "unreadable"],
  ["example.com", "example.com", "file:///etc/passwd", "unreadable"],
  ["example.com", "example.com", "data:text/plain,hello", "unreadable"],
  // Ports.
  ["example.com:443", "example.com", "https://example.com/", "pass"],
  ["example.com:443", "example.com:443", "https://example.com:443/", "pass"],
  ["example.com:8443", "example.com", "https://example.com/", "--allow-net=example.com"],
  ["example.com:8443", "example.com", "https://example.com:8443/", "pass"],
  ["example.com:443", "example.com", "https://example.com:8443/", "--allow-net=example.com:8443"],
  ["example.com", "example.com:443", "https://example.com:8443/", "no flag"],
  ["example.com", "example.com", "https://example.com:0/", "unreadable"],
  ["example.com", "example.com", "https://example.com:99999/", "unreadable"],
  // Wildcards stand for every name below, and not for the name itself.
  ["*.example.com", "*.example.com", "https://v6.example.com/", "pass"],
  ["*.example.com", "v6.example.com", "https://v6.example.com/", "pass"],
  ["*.example.com", "example.com", "https://example.com/", "--allow-net=example.com"],
  ["example.com", "*.example.com", "https://example.com/", "no flag"],
  ["*.example.com", "*.example.com", "https://evilexample.com/", "no flag"],
  ["*.com", "*.example.com", "https://v6.example.com/", "pass"],
  ["*.example.com:8443", "*.example.com", "https://v6.example.com/", "--allow-net=v6.example.com"],
  // Plain http goes to a loopback address that was granted by its port, and nowhere else.
  ["example.com", "example.com", "http://example.com/", "no flag"],
  ["127.0.0.1:4150", "127.0.0.1:4150", "http://127.0.0.1:4150/x", "pass"],
  ["127.0.0.1", "127.0.0.1", "http://127.0.0.1:4150/x", "--allow-net=127.0.0.1:4150"],
  ["127.0.0.1:4151", "127.0.0.1", "http://127.0.0.1:4150/x", "--allow-net=127.0.0.1:4150"],
  ["all", "127.0.0.1:4150", "http://127.0.0.1:4150/x", "--allow-net=127.0.0.1:4150"],
  ["10.0.0.1:80", "10.0.0.1", "http://10.0.0.1/", "no flag"],
  ["127.0.0.0/8:4150", "127.0.0.1:4150", "http://127.0.0.1:4150/", "pass"],
  ["localhost:4150", "localhost:4150", "http://localhost:4150/", "pass"],
  ["localhost", "localhost", "http://localhost:4150/", "--allow-net=localhost:4150"],
  ["localhost:4150", "localhost:4150", "http://LOCALHOST.:4150/", "pass"],
  ["[::1]:4150", "[::1]:4150", "http://[::1]:4150/", "pass"],
  ["mapped.example.com:4150", "mapped.example.com:4150", "http://mapped.example.com:4150/", "no flag"],
  // One address has many spellings.
  ["127.0.0.1:4150", "127.0.0.1:4150", "http://2130706433:4150/", "pass"],
  ["127.0.0.1:4150", "127.0.0.1:4150", "http://0x7f.1:4150/", "pass"],
  ["127.0.0.1:4150", "127.0.0.1:4150", "http://[::ffff:127.0.0.1]:4150/", "pass"],
  ["[::ffff:127.0.0.1]:4150", "127.0.0.1:4150", "http://127.0.0.1:4150/", "pass"],
  ["[0:0:0:0:0:0:0:1]:4150", "[::1]", "http://[0::1]:4150/", "pass"],
  ["[::1]", "[::1]", "https://[fe80::1%25eth0]/", "unreadable"],
  // Addresses outside the public internet are granted by name or not at all.
  ["all", "10.1.2.3", "https://10.1.2.3/", "--allow-net=10.1.2.3"],
  ["10.1.2.3", "10.1.2.3", "https://10.1.2.3/", "pass"],
  ["10.0.0.0/8", "10.1.2.3", "https://10.1.2.3/", "pass"],
  ["10.0.0.0/8", "*.example.com", "https://11.1.2.3/", "no flag"],
  ["10.0.0.0/8", "11.1.2.3", "https://11.1.2.3/", "--allow-net=11.1.2.3"],
  ["10.0.0.0/8", "10.0.0.0/8", "https://[::ffff:10.1.2.3]/", "pass"],
  ["all", "169.254.169.254", "https://169.254.169.254/latest", "--allow-net=169.254.169.254"],
  ["all", "[fe80::1]", "https://[fe80::1]/", "--allow-net=[fe80::1]"],
  ["all", "[fd00::1]", "https://[fd00::1]/", "--allow-net=[fd00::1]"],
  ["all", "0.0.0.0", "https://0.0.0.0/", "--allow-net=0.0.0.0"],
  ["all", "[2606:2800:220:1::1]", "https://[2606:2800:220:1::1]/", "pass"],
  ["all", "100.64.0.1", "https://100.64.0.1/", "--allow-net=100.64.0.1"],
  // A name that leads there needs the address granted too.
  ["*.example.com", "*.example.com", "https://intranet.example.com/", "--allow-net=10.1.2.3"],
  ["intranet.example.com 10.0.0.0/8", "*.example.com", "https://intranet.example.com/", "pass"],
  ["both.example.com", "*.example.com", "https://both.example.com/", "--allow-net=192.168.0.7"],
  ["metadata.example.com", "*.example.com", "https://metadata.example.com/", "--allow-net=169.254.169.254"],
  ["mapped.example.com", "*.example.com", "https://mapped.example.com/", "--allow-net=127.0.0.1"],
  ["rebound.example.com", "*.example.com", "https://rebound.example.com/", "--allow-net=[::1]"],
  ["nat64.example.com", "*.example.com", "https://nat64.example.com/", "--allow-net=[64:ff9b::a01:203]"],
  ["nat64public.example.com", "*.example.com", "https://nat64public.example.com/", "pass"],
  ["all", "localhost", "https://localhost/", "--allow-net=localhost"],
  ["localhost", "localhost", "https://localhost/", "pass"],
  // Sockets.
  ["unix:/run/docker.sock", "unix:/run/docker.sock", "unix:/run/docker.sock:/v1.45/info?x=1", "pass"],
  ["all", "unix:/run/docker.sock", "unix:/run/docker.sock", "pass"],
  ["", "unix:/run/docker.sock", "unix:/run/docker.sock:/info", "--allow-net=unix:/run/docker.sock"],
  ["unix:/run/other.sock", "unix:/run/docker.sock", "unix:/run/other.sock:/info", "no flag"],
  ["unix:/run/docker.sock", "unix:/run/docker.sock", "unix:/run/x/../docker.sock:/info", "unreadable"],
  ["unix:/run/docker.sock", "unix:/run/docker.sock", "unix:run/docker.sock:/info", "unreadable"],
  ["all", "unix:/run/docker.sock", "http://unix.invalid/info", "no flag"],
];

function words(text: string): string[] {
  return text.split(" ").filter((word) => word !== "");
}

function verdict([allow, needs, url, , deny]: Row): string {
  const grants = parseGrants({
    allow: allow === "all" ? "all" : words(allow),
    deny: deny === "all" ? "all" : words(deny ?? ""),
  });
  const checkpoint = new Checkpoint(grants);
  checkpoint.admit("m", words(needs).map((target) => ({ target, write: false, why: "" })));
  const parsed = parseDestination(url);
  if (!("destination" in parsed)) return "unreadable";
  try {
    checkpoint.permit("m", parsed.destination);
    const { endpoint } = parsed.destination;
    if (endpoint.kind === "name") {
      for (const address of ZONE[endpoint.host] ?? []) checkpoint.judge(address, endpoint);
    }
    return "pass";
  } catch (error) {
    if (!(error instanceof Refusal) || error.failure.tag !== "denied") throw error;
    return error.failure.flag === "" ? "no flag" : error.failure.flag;
  }
}

for (const row of ROWS) {
  const [allow, needs, url, expected, deny] = row;
  const flags = `--allow-net=${allow}${deny === undefined ? "" : ` --deny-net=${deny}`}`;
  Deno.test(`${flags} and a need of ${needs || "nothing"}: ${JSON.stringify(url)} is ${expected}`, () => {
    assert.equal(verdict(row), expected);
  });
}

Deno.test("what was checked is what is sent: the URL that goes out has the normal form of its host", () => {
  const spelled = [
    "https://API.github.com.:443/a/../b?q=1#x",
    "http://[::ffff:127.0.0.1]:80/",
    "https://0x7f.1/",
  ];
  const sent = spelled.map((text) => {
    const parsed = parseDestination(text);
    return "destination" in parsed ? parsed.destination.url : parsed.refused;
  });
  assert.deepEqual(sent, ["https://api.github.com/b?q=1", "http://127.0.0.1/", "https://127.0.0.1/"]);
});

Deno.test("a redirect's location is read from where it was found, and a socket is not left by a relative one", () => {
  const hops = [
    ["https://a.example/x/y", "../z", "https://a.example/z"],
    ["https://a.example/x", "//b.example/", "https://b.example/"],
    ["unix:/s.sock:/v1/x?q=1", "/v2/y?r=2", "unix:/s.sock:/v2/y?r=2"],
    ["unix:/s.sock:/v1/x", "https://a.example/", "https://a.example/"],
  ] as const;
  for (const [from, location, expected] of hops) {
    const start = parseDestination(from);
    assert.ok("destination" in start);
    const next = parseRedirect(location, start.destination);
    assert.equal("destination" in next ? next.destination.text : next.refused, expected);
  }
});
