/**
 * What BIND serves: its configuration and its zones.
 *
 * @module
 */

/** Where the two processes listen on 127.0.0.1. */
export interface Ports {
  /** UDP and TCP of the authoritative one. */
  readonly authority: number;
  /** Its DNS over HTTPS. */
  readonly https: number;
  /** UDP and TCP of the one that resolves. */
  readonly resolver: number;
}

/** How many strings, of 60 bytes and a little more each, `big.zone.test` has: over 5 KB, far over what UDP brings. */
export const BIG = 90;

/** The configuration of the process that is authoritative. */
export function authorityConfiguration(dir: string, { authority, https }: Ports): string {
  return `
tls local { cert-file "${dir}/cert.pem"; key-file "${dir}/key.pem"; };
http local { endpoints { "/dns-query"; }; };
options {
${common(dir, authority)}
  listen-on port ${https} tls local http local { 127.0.0.1; };
  recursion no; dnssec-validation no;
};
controls { };
zone "zone.test" { type primary; file "zone.signed"; };
zone "latin.test" { type primary; file "latin"; };
zone "2.0.192.in-addr.arpa" { type primary; file "reverse"; };
zone "broken.test" { type primary; file "there-is-no-such-file"; };
`;
}

/** The configuration of the process that resolves and validates; it asks the other one for everything. */
export function resolverConfiguration(dir: string, { authority, resolver }: Ports, trust: string): string {
  return `
options {
${common(dir, resolver)}
  recursion yes; dnssec-validation yes; max-cache-ttl 1; max-ncache-ttl 1;
  forward only; forwarders { 127.0.0.1 port ${authority}; };
};
controls { };
trust-anchors { ${trust} };
`;
}

function common(dir: string, port: number): string {
  return `  directory "${dir}"; pid-file none; session-keyfile none; lock-file none;
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  notify no; empty-zones-enable no;`;
}

/** `zone.test`; signed before it is served. */
export const ZONE = `$ORIGIN zone.test.
$TTL 300
@       IN SOA ns1.zone.test. host\\.master.zone.test. ( 2026112101 3600 900 604800 60 )
        IN NS  ns1.zone.test.
        IN NS  ns2.zone.test.
        IN A   192.0.2.1
        IN AAAA 2001:db8::1
        IN MX  20 mail2.zone.test.
        IN MX  10 mail.zone.test.
        IN TXT "v=spf1 -all"
        IN TXT "long " "two-part \\"quoted\\" \\\\ string"
        IN CAA 0 issue "letsencrypt.org"
ns1     IN A   192.0.2.53
ns2     IN A   192.0.2.54
mail    IN A   192.0.2.25
mail2   IN A   192.0.2.26
www     IN CNAME zone.test.
chain   IN CNAME www
dangling IN CNAME nothing
_sip._tcp IN SRV 10 60 5060 sip.zone.test.
sip     IN A   192.0.2.60
*.wild  IN A   192.0.2.99
multi   60 IN A 192.0.2.10
        60 IN A 192.0.2.12
        60 IN A 192.0.2.11
_443._tcp.www IN TLSA 3 1 1 00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF
xn--bcher-kva IN A 192.0.2.88
odd     IN TXT "tab\\009 and \\195\\188"
empty   IN TXT ""
${
  Array.from({ length: BIG }, (_, i) => `big IN TXT "${String(i).padStart(3, "0")}-${"x".repeat(60)}"`).join(
    "\n",
  )
}
`;

/** A zone that is not signed. */
export const LATIN_ZONE = `$ORIGIN latin.test.
$TTL 60
@ IN SOA ns1.zone.test. hostmaster.zone.test. ( 7 3600 900 604800 60 )
  IN NS ns1.zone.test.
  IN A 192.0.2.200
`;

/** The names of 192.0.2.0/24. */
export const REVERSE_ZONE = `$ORIGIN 2.0.192.in-addr.arpa.
$TTL 300
@ IN SOA ns1.zone.test. hostmaster.zone.test. ( 1 3600 900 604800 60 )
  IN NS ns1.zone.test.
1 IN PTR zone.test.
`;
