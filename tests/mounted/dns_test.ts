/**
 * The domain name system on a real mount: what a person does with a shell.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BIG } from "../fakes/bind/zones.ts";
import { whyNoBind } from "../fakes/bind/mod.ts";
import { fuseIsThere } from "../support/kernel.ts";
import { type DnsMount, mountDns, usual } from "./dns_mount.ts";

const obstacle = await fuseIsThere() ? await whyNoBind() : "there is no FUSE here";
if (obstacle !== undefined) console.error(`tests: DNS on a mount is skipped: ${obstacle}`);

/** A test with a mount of BIND. */
function onBind(name: string, test: (mount: DnsMount) => Promise<void>, flags = usual): void {
  Deno.test({
    name,
    ignore: obstacle !== undefined,
    fn: async () => {
      await using mount = await mountDns(flags);
      await test(mount);
    },
  });
}

onBind("every type of record reads as a file", async ({ text, dns }) => {
  const zone = `${dns}/zone.test`;
  const files = {
    [`${zone}/A`]: "192.0.2.1\n",
    [`${zone}/AAAA`]: "2001:db8::1\n",
    [`${zone}/MX`]: "10 mail.zone.test.\n20 mail2.zone.test.\n",
    [`${zone}/NS`]: "ns1.zone.test.\nns2.zone.test.\n",
    [`${zone}/SOA`]: "ns1.zone.test. host\\.master.zone.test. 2026112101 3600 900 604800 60\n",
    [`${zone}/TXT`]: '"long " "two-part \\"quoted\\" \\\\ string"\n"v=spf1 -all"\n',
    [`${zone}/CAA`]: '0 issue "letsencrypt.org"\n',
    [`${dns}/www.zone.test/CNAME`]: "zone.test.\n",
    [`${dns}/_sip._tcp.zone.test/SRV`]: "10 60 5060 sip.zone.test.\n",
    [`${dns}/_443._tcp.www.zone.test/TLSA`]: `3 1 1 ${"00112233445566778899AABBCCDDEEFF".repeat(2)}\n`,
    [`${dns}/_reverse/192.0.2.1/PTR`]: "zone.test.\n",
    [`${dns}/1.2.0.192.in-addr.arpa/PTR`]: "zone.test.\n",
  };
  for (const [path, content] of Object.entries(files)) assert.equal(await text("cat", path), content, path);
  assert.equal(await text("ls", zone), "A\nAAAA\nCAA\nMX\nNS\nSOA\nTXT\n_all.json\n");
  assert.equal(await text("ls", `${dns}/_reverse/192.0.2.1`), "PTR\n");
  assert.equal(await text("ls", dns), "README.md\n_reverse\n");
});

onBind("the same records come by address, by port and over HTTPS", async ({ text, dns, bind }) => {
  for (const resolver of [bind.server, bind.validating, bind.https]) {
    assert.equal(
      await text("cat", `${dns}/@${resolver}/multi.zone.test/A`),
      "192.0.2.10\n192.0.2.11\n192.0.2.12\n",
    );
    const big = (await text("cat", `${dns}/@${resolver}/big.zone.test/TXT`)).split("\n");
    assert.equal(big.length, BIG + 1, resolver);
    assert.equal(big[BIG - 1], `"${String(BIG - 1).padStart(3, "0")}-${"x".repeat(60)}"`);
  }
});

onBind("_all.json tells TTLs, rcodes and whether the resolver verified the answer", async (mount) => {
  const { text, dns, bind } = mount;
  const all = async (path: string) => JSON.parse(await text("cat", `${dns}/${path}/_all.json`));
  const plain = await all("zone.test");
  assert.deepEqual(plain.types.A.answers, [{ name: "zone.test.", type: "A", ttl: 300, data: "192.0.2.1" }]);
  assert.equal(plain.types.SRV.rcode, "noerror");
  assert.deepEqual(plain.types.SRV.answers, []);
  assert.equal(plain.types.SRV.authority[0].type, "SOA");
  assert.equal(plain.types.A.authenticated, false, "an authority does not vouch for itself");
  assert.equal((await all(`@${bind.validating}/zone.test`)).types.A.authenticated, true);
  const chain = await all("chain.zone.test");
  assert.deepEqual(
    chain.types.A.answers.map(({ type, data }: Record<string, unknown>) => `${type} ${data}`),
    [
      "CNAME www.zone.test.",
      "CNAME zone.test.",
      "A 192.0.2.1",
    ],
  );
});

onBind("a name that is not there, a type that is not there and a failure are told apart", async (mount) => {
  const { fails, text, dns } = mount;
  assert.match(await fails("ls", `${dns}/nothing.zone.test`), /No such file/);
  assert.match(await fails("cat", `${dns}/zone.test/SRV`), /No such file/);
  assert.equal(await text("ls", `${dns}/ns1.zone.test`), "A\n_all.json\n");
  assert.match(await fails("ls", `${dns}/broken.test`), /Input\/output error/);
  assert.match(await fails("ls", `${dns}/elsewhere.example`), /Permission denied/);
  assert.equal(await text("cat", `${dns}/dangling.zone.test/CNAME`), "nothing.zone.test.\n");
  assert.match(await fails("cat", `${dns}/dangling.zone.test/A`), /No such file/);
  assert.match(await fails("ls", `${dns}/.git`), /No such file/);
});

onBind("a name in any script and case is one node", async ({ text, dns }) => {
  const paths = ["bücher.zone.test", "xn--bcher-kva.zone.test", "BÜCHER.Zone.Test", "bu\u0308cher.zone.test"];
  const inodes = new Set<string>();
  for (const path of paths) {
    assert.equal(await text("cat", `${dns}/${path}/A`), "192.0.2.88\n", path);
    inodes.add(await text("stat", "-c", "%i", `${dns}/${path}/A`));
  }
  assert.equal(inodes.size, 1);
  assert.equal(JSON.parse(await text("cat", `${dns}/${paths[1]}/_all.json`)).unicode, paths[0]);
});

onBind("a resolver that was not granted is EPERM, and status names the flag", async (mount) => {
  const { fails, text, dns, mounted, bind } = mount;
  assert.equal(await text("cat", `${dns}/zone.test/A`), "192.0.2.1\n");
  for (const resolver of [bind.validating, bind.https, "192.0.2.7"]) {
    assert.match(await fails("ls", `${dns}/@${resolver}/zone.test`), /Operation not permitted/, resolver);
  }
  const { stdout } = await mounted.omnifs(["status"]);
  for (const target of [bind.validating, bind.https, "192.0.2.7:53"]) {
    assert(stdout.includes(`--allow-net=${target}`), `${target}: ${stdout}`);
  }
}, (bind) => [`--allow-net=${bind.server}`, `--set=dns.resolver=${bind.server}`]);
