/**
 * A real BIND on loopback: one process that is authoritative over UDP, TCP and HTTPS, and one that resolves through it
 * and validates its signatures, in a folder of their own.
 *
 * @module
 */
import { join } from "node:path";
import { has, run } from "../../support/command.ts";
import { until } from "../../support/deadline.ts";
import { tempDir } from "../../support/temp.ts";
import {
  authorityConfiguration,
  LATIN_ZONE,
  type Ports,
  resolverConfiguration,
  REVERSE_ZONE,
  ZONE,
} from "./zones.ts";

/** Programs of Debian's `bind9`, which depends on `bind9-utils`, and of `openssl`. */
const PROGRAMS = ["named", "dnssec-keygen", "dnssec-signzone", "openssl"];

/** How long named may take until it answers, in milliseconds. */
const READY_WITHIN = 15_000;

/** The reason why BIND cannot be tested here; undefined where it can. */
export async function whyNoBind(): Promise<string | undefined> {
  for (const program of PROGRAMS) {
    if (!await has(program)) return `there is no ${program} here (apt-get install bind9 openssl)`;
  }
  return undefined;
}

/** A running BIND. */
export interface Bind extends AsyncDisposable {
  /** `127.0.0.1:PORT`, which answers for `zone.test` and refuses the rest. */
  readonly server: string;
  /** `127.0.0.1:PORT` of the process that validates. */
  readonly validating: string;
  /** `localhost:PORT` of DNS over HTTPS. */
  readonly https: string;
  /** The certificate of the authority that signed the server's, as a file. */
  readonly caFile: string;
  /** The same as text. */
  readonly roots: string;
  /** Changes `zone.test`: `change` gets its text, and gives it back with another serial. */
  change(change: (zone: string) => string): Promise<void>;
}

/** Starts BIND; resolves once it answers over UDP. */
export async function startBind(): Promise<Bind> {
  await using cleanup = new AsyncDisposableStack();
  const { path: dir } = cleanup.use(await tempDir());
  const ports = await freePorts();
  await certificates(dir);
  const key = await signingKey(dir);
  let zone = ZONE;
  await writeZones(dir, zone);
  await Deno.writeTextFile(join(dir, "authority.conf"), authorityConfiguration(dir, ports));
  await Deno.writeTextFile(
    join(dir, "resolver.conf"),
    resolverConfiguration(dir, ports, await trustAnchor(dir, key)),
  );
  const authority = await start(dir, "authority", ports.authority, cleanup);
  await start(dir, "resolver", ports.resolver, cleanup);
  const kept = cleanup.move();
  return {
    server: `127.0.0.1:${ports.authority}`,
    validating: `127.0.0.1:${ports.resolver}`,
    https: `localhost:${ports.https}`,
    caFile: join(dir, "ca.pem"),
    roots: await Deno.readTextFile(join(dir, "ca.pem")),
    async change(change) {
      zone = change(zone);
      await signZone(dir, zone);
      const serial = /\( (\d+)/.exec(zone)?.[1] ?? "";
      authority.kill("SIGHUP");
      const seen = async () => await serialOf(ports.authority) === serial;
      await until(seen, READY_WITHIN, `serial ${serial}`);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function tool(dir: string, program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, { cwd: dir, deadline: 30_000 });
  if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** A certificate authority, and a certificate for localhost that it signed. */
async function certificates(dir: string): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  await tool(
    dir,
    "openssl",
    "req",
    "-x509",
    ...key,
    "-keyout",
    "ca.key",
    "-out",
    "ca.pem",
    "-subj",
    "/CN=Test CA",
  );
  await tool(
    dir,
    "openssl",
    "req",
    ...key,
    "-keyout",
    "key.pem",
    "-out",
    "leaf.csr",
    "-subj",
    "/CN=localhost",
  );
  await Deno.writeTextFile(join(dir, "names"), "subjectAltName=DNS:localhost\n");
  await tool(
    dir,
    "openssl",
    ...["x509", "-req", "-in", "leaf.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-out", "cert.pem", "-days", "2", "-extfile", "names"],
  );
}

/** Makes the key of `zone.test`; answers the name of its files. */
async function signingKey(dir: string): Promise<string> {
  const made = await tool(dir, "dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", "zone.test");
  return made.trim();
}

/** The key in the form of `trust-anchors`. */
async function trustAnchor(dir: string, key: string): Promise<string> {
  const text = await Deno.readTextFile(join(dir, `${key}.key`));
  const [, flags, protocol, algorithm, data = ""] = /DNSKEY (\d+) (\d+) (\d+) (.+)$/m.exec(text) ?? [];
  return `zone.test. static-key ${flags} ${protocol} ${algorithm} "${data.replaceAll(" ", "")}";`;
}

async function writeZones(dir: string, zone: string): Promise<void> {
  await Deno.writeTextFile(join(dir, "reverse"), REVERSE_ZONE);
  await Deno.writeTextFile(join(dir, "latin"), LATIN_ZONE);
  await signZone(dir, zone);
}

async function signZone(dir: string, zone: string): Promise<void> {
  await Deno.writeTextFile(join(dir, "zone"), zone);
  await tool(dir, "dnssec-signzone", "-z", "-S", "-o", "zone.test", "-f", "zone.signed", "zone");
}

/** Starts named with `NAME.conf`; resolves once it answers on `port`, and ends it with `cleanup`. */
async function start(
  dir: string,
  name: string,
  port: number,
  cleanup: AsyncDisposableStack,
): Promise<Deno.ChildProcess> {
  const args = ["-g", "-c", join(dir, `${name}.conf`)];
  const streams = { stdin: "null", stdout: "null", stderr: "piped" } as const;
  const named = new Deno.Command("named", { args, cwd: dir, ...streams }).spawn();
  const drained = drain(named);
  cleanup.defer(() => drained);
  cleanup.defer(() => end(named));
  await until(() => isOpen(port), READY_WITHIN, `named on port ${port}`);
  await until(async () => await serialOf(port) !== undefined, READY_WITHIN, `named with ${name}.conf`);
  return named;
}

/** Reads what named says, so that it never waits for a reader. */
async function drain(child: Deno.ChildProcess): Promise<void> {
  await child.stderr.pipeTo(new WritableStream());
}

async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended by itself.
  }
  await child.status;
}

/** Three ports that are free for TCP and UDP now. */
async function freePorts(): Promise<Ports> {
  for (;;) {
    // All at once: a port that was let go again could be given out twice, and both processes may listen on it.
    using authority = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using https = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using resolver = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const ports = { authority: authority.addr.port, https: https.addr.port, resolver: resolver.addr.port };
    const taken = await Deno.readTextFile("/proc/net/udp");
    if (!Object.values(ports).some((port) => taken.includes(udpEntry(port)))) return ports;
  }
}

/** How `/proc/net/udp` writes a port. */
function udpEntry(port: number): string {
  return `:${port.toString(16).toUpperCase().padStart(4, "0")} `;
}

/** The serial of `zone.test` that named serves, by Deno's own resolver. */
async function serialOf(port: number): Promise<string | undefined> {
  const nameServer = { ipAddr: "127.0.0.1", port };
  const [soa] = await Deno.resolveDns("zone.test", "SOA", { nameServer }).catch(() => []);
  return soa === undefined ? undefined : String(soa.serial);
}

async function isOpen(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false;
  }
}
