/**
 * The DNS provider's component behind the gate, in front of BIND.
 *
 * @module
 */
import { deepStrictEqual, equal, ok, rejects } from "node:assert/strict";
import { OmnifsError } from "../../runtime/base/errors.ts";
import type { ObservableGate } from "../../runtime/egress/mod.ts";
import type { Node, Provider } from "../../runtime/provider/mod.ts";
import { type Bind, startBind, whyNoBind } from "../fakes/bind/mod.ts";
import { type Component, withBundled } from "../support/component.ts";
import { conforms } from "../conformance/conforms.ts";
import { GuestEvents, words } from "../support/guest_events.ts";
import { bytesOf, textAt, walk } from "../support/projection.ts";

const obstacle = await whyNoBind();
if (obstacle !== undefined) console.error(`tests: the DNS provider before BIND is skipped: ${obstacle}`);

/** How a test's provider differs from the usual. */
interface Options {
  readonly allow?: readonly string[] | "all";
  readonly settings?: Readonly<Record<string, string>>;
}

/** Runs `use` with the component, whose system resolver is BIND unless `options` say otherwise. */
async function withProvider(
  bind: Bind,
  use: (provider: Provider, gate: ObservableGate, again: Component["again"]) => Promise<void>,
  options: Options = {},
) {
  const [host = "", port] = bind.server.split(":");
  const nameservers = [{ host, port: Number(port) }];
  const { allow = ["dns"], settings = {} } = options;
  await withBundled(
    { name: "dns", settings, allow, nameservers },
    ({ provider, gate, again }) => use(provider, gate, again),
  );
}

async function kindOf(call: Promise<unknown>): Promise<string> {
  let kind = "it did not fail";
  await rejects(call, (error) => {
    kind = error instanceof OmnifsError ? error.kind : String(error);
    return true;
  });
  return kind;
}

/** The directories of some domains and every file in them, by path: what each says, and for how long it is kept. */
async function everything(provider: Provider, domains: readonly string[]) {
  const seen = new Map<string, { readonly text: string; readonly freshness: Node["freshness"] }>();
  for (const domain of domains) {
    const directory = await walk(provider, domain);
    if (directory === undefined) continue;
    const { entries } = await provider.listChildren(directory.id, undefined);
    seen.set(domain, {
      text: entries.map(({ name }) => name).join(),
      freshness: entries.find(({ node }) => node.freshness.tag === "volatile")?.node.freshness ??
        directory.freshness,
    });
    for (const { name, node } of entries) {
      if (name === "_all.json") continue;
      const text = new TextDecoder().decode(await bytesOf(provider, node));
      seen.set(`${domain}/${name}`, { text, freshness: node.freshness });
    }
  }
  return seen;
}

Deno.test({
  name: "the component in front of BIND",
  ignore: obstacle !== undefined,
  fn: async (t) => {
    await using bind = await startBind();

    await t.step(
      "--allow-net=dns grants the system's resolver and no other",
      () =>
        withProvider(bind, async (provider) => {
          equal(await textAt(provider, "zone.test/A"), "192.0.2.1\n");
          equal(await kindOf(textAt(provider, `@${bind.server}/zone.test/A`)), "denied");
          equal(await kindOf(textAt(provider, `@${bind.https}/zone.test/A`)), "denied");
        }),
    );

    await t.step(
      "without it the system's resolver is denied, and the one that is granted is asked",
      () =>
        withProvider(bind, async (provider) => {
          equal(await kindOf(textAt(provider, "zone.test/A")), "denied");
          equal(await textAt(provider, `@${bind.server}/zone.test/A`), "192.0.2.1\n");
        }, { allow: [bind.server] }),
    );

    await t.step(
      "the bare flag opens what settings name, but no address that is not public",
      () =>
        withProvider(bind, async (provider) => {
          equal(await textAt(provider, "zone.test/A"), "192.0.2.1\n");
          equal(await kindOf(textAt(provider, `@${bind.validating}/zone.test/A`)), "denied");
          equal(await kindOf(textAt(provider, "@9.9.9.9/zone.test/A")), "denied");
        }, { allow: "all", settings: { resolvers: bind.validating } }),
    );

    await t.step(
      "a certificate that nobody vouches for is EIO",
      () =>
        withProvider(bind, async (provider) => {
          equal(await kindOf(textAt(provider, `@${bind.https}/zone.test/A`)), "unavailable");
        }, { allow: [bind.https] }),
    );

    await t.step("the provider conforms", () =>
      withProvider(bind, async (provider, _gate, again) => {
        const domains = ["zone.test", "www.zone.test", "big.zone.test", "empty.zone.test", "latin.test"];
        const paths = [...domains, "chain.zone.test", "multi.zone.test/A", "_reverse/192.0.2.1"];
        await conforms(provider, again, { paths, atLeast: 25 });
        equal(await textAt(provider, "empty.zone.test/TXT"), '""\n');
        equal(await textAt(provider, "odd.zone.test/TXT"), '"tab\\009 and \\195\\188"\n');
        equal(await textAt(provider, "any.wild.zone.test/A"), "192.0.2.99\n");
      }));

    await t.step(
      "NXDOMAIN, NODATA, SERVFAIL and REFUSED are told apart",
      () =>
        withProvider(bind, async (provider) => {
          equal(await provider.lookupChild("", "nothing.zone.test"), undefined);
          const zone = (await walk(provider, "zone.test"))?.id ?? "";
          equal(await provider.lookupChild(zone, "SRV"), undefined);
          equal(await kindOf(provider.lookupChild("", "broken.test")), "unavailable");
          equal(await kindOf(provider.lookupChild("", "elsewhere.example")), "unauthorized");
        }),
    );

    await t.step(
      "what changes upstream is read anew, and a set keeps its identity",
      () =>
        withProvider(bind, async (provider) => {
          const before = await walk(provider, "multi.zone.test/A");
          await bind.change((zone) =>
            zone.replace("2026112101", "2026112102").replace("192.0.2.12", "192.0.2.13")
          );
          const after = await walk(provider, "multi.zone.test/A");
          equal(after?.id, before?.id);
          equal(await textAt(provider, "multi.zone.test/A"), "192.0.2.10\n192.0.2.11\n192.0.2.13\n");
          equal((await walk(provider, "zone.test"))?.version, "2026112102");
        }),
    );

    await t.step(
      "each look finds what changed since the load, names that come and go too, by one question",
      () =>
        withProvider(bind, async (provider, gate) => {
          using events = await GuestEvents.start("dns", {}, gate);
          const domains = ["zone.test", "multi.zone.test", "www.zone.test", "odd.zone.test", "latin.test"];
          const before = await everything(provider, domains);
          const watches = new Set(
            [...before.values()].flatMap(({ freshness }) =>
              freshness.tag === "watched" ? [freshness.watch] : []
            ),
          );
          const dropped = async () => {
            const said = await Promise.all([...watches].map((watch) => events.poll(watch)));
            ok(said.every(({ wait = 0 }) => wait >= 5_000 && wait <= 3_600_000));
            return new Set(said.flatMap(({ invalidations }) => words(invalidations)));
          };
          const { callouts } = gate.counts;
          deepStrictEqual(await dropped(), new Set());
          equal(gate.counts.callouts - callouts, watches.size);
          await bind.change((zone) =>
            zone.replace("2026112102", "2026112103").replace("192.0.2.13", "192.0.2.14")
              .replace("odd     IN TXT", "odd IN A 192.0.2.77\nstrange IN TXT")
              .replace("www     IN CNAME zone.test.", "www IN A 192.0.2.78")
          );
          const gone = await dropped();
          const after = await everything(provider, domains);
          let changed = 0;
          for (const [path, { text, freshness }] of before) {
            if (after.get(path)?.text === text || freshness.tag !== "watched") continue;
            ok(gone.has(`watch ${freshness.watch}`), `${path} is kept by ${freshness.watch}`);
            changed++;
          }
          ok(changed >= 4, `${changed} changes`);
          // The other zone did not change.
          ok([...watches].some((watch) => watch.includes("latin.test") && !gone.has(`watch ${watch}`)));
          ok(![...gone].some((one) => one.includes("latin.test")));
        }),
    );
  },
});
