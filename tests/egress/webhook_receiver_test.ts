/**
 * The webhook receiver before strangers: what is no request, who sends too slowly, too much or too often, and what
 * they are told.
 *
 * @module
 */
import assert from "node:assert/strict";
import { githubHeaders, hmac, Peer, Porch, readAnswer } from "./webhook_fixture.ts";

const BODY = '{"zen":"keep it logically awesome"}';

/** A head that would be answered with 202 if everything else is right. */
function head(rest: Record<string, string | undefined> = {}, line = "POST /hooks/github HTTP/1.1"): string {
  const all = { host: "x", "content-length": String(BODY.length), ...githubHeaders(BODY), ...rest };
  const lines = Object.entries(all).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${value}\r\n`]
  );
  return `${line}\r\n${lines.join("")}\r\n`;
}

const CHUNKED = { "content-length": undefined, "transfer-encoding": "chunked" };
const HALF = BODY.slice(0, 10);
const REST = BODY.slice(10);

/** What is sent, and the status. */
const VERDICTS: Readonly<Record<string, readonly [string, number]>> = {
  "as it should be": [head() + BODY, 202],
  "with a query": [head({}, "POST /hooks/github?x=1 HTTP/1.1") + BODY, 202],
  "HTTP/1.0, as nginx speaks it": [head({}, "POST /hooks/github HTTP/1.0") + BODY, 202],
  "header names in capitals": [head().replace("x-hub-signature-256", "X-HUB-SIGNATURE-256") + BODY, 202],
  "a signature in capitals": [
    head({ "x-hub-signature-256": `sha256=${hmac(BODY).toUpperCase()}` }) + BODY,
    202,
  ],
  "an escaped mount": [head({}, "POST /hooks/git%68ub HTTP/1.1") + BODY, 202],
  "two proxies on the way": [
    head().replace("\r\n\r\n", "\r\nvia: a\r\nvia: b\r\ncf-ray: 1\r\ncf-ray: 2\r\n\r\n") + BODY,
    202,
  ],
  "in chunks": [
    `${head(CHUNKED)}a\r\n${HALF}\r\n${REST.length.toString(16)};x=y\r\n${REST}\r\n0\r\n\r\n`,
    202,
  ],
  "in chunks with a trailer": [
    `${head(CHUNKED)}${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\nx-t: 1\r\n\r\n`,
    202,
  ],
  "no signature": [head({ "x-hub-signature-256": undefined }) + BODY, 401],
  "another body": [head() + BODY.replace("awesome", "aw3some"), 401],
  "the old signature alone": [
    head({ "x-hub-signature-256": undefined, "x-hub-signature": `sha1=${"0".repeat(40)}` }) + BODY,
    401,
  ],
  "a signature without its prefix": [head({ "x-hub-signature-256": hmac(BODY) }) + BODY, 401],
  "a signature of another hash": [head({ "x-hub-signature-256": `sha1=${hmac(BODY)}` }) + BODY, 401],
  "a signature that is too short": [
    head({ "x-hub-signature-256": `sha256=${hmac(BODY).slice(2)}` }) + BODY,
    401,
  ],
  "a signature that is too long": [head({ "x-hub-signature-256": `sha256=${hmac(BODY)}00` }) + BODY, 401],
  "an empty signature": [head({ "x-hub-signature-256": "sha256=" }) + BODY, 401],
  "signed by another secret": [head({ "x-hub-signature-256": `sha256=${hmac(BODY, "other")}` }) + BODY, 401],
  "signed as Linear would": [
    head({ "x-hub-signature-256": undefined, "linear-signature": hmac(BODY) }) + BODY,
    401,
  ],
  "another mount": [head({}, "POST /hooks/docker HTTP/1.1") + BODY, 404],
  "no mount": [head({}, "POST /hooks/ HTTP/1.1") + BODY, 404],
  "below a mount": [head({}, "POST /hooks/github/x HTTP/1.1") + BODY, 404],
  "above the mounts": [head({}, "POST /hooks/../hooks/github HTTP/1.1") + BODY, 404],
  "a broken escape": [head({}, "POST /hooks/%zz HTTP/1.1") + BODY, 404],
  "somewhere else": [head({}, "GET / HTTP/1.1") + BODY, 404],
  "a name of Object": [head({}, "POST /hooks/constructor HTTP/1.1") + BODY, 404],
  "GET": [head({}, "GET /hooks/github HTTP/1.1") + BODY, 405],
  "HEAD": [head({}, "HEAD /hooks/github HTTP/1.1") + BODY, 405],
  "PUT": [head({}, "PUT /hooks/github HTTP/1.1") + BODY, 405],
  "GET of another mount": [head({}, "GET /hooks/docker HTTP/1.1") + BODY, 404],
  "neither length nor chunks": [head({ "content-length": undefined }), 411],
  "a length over 25 MiB": [head({ "content-length": String(25 * 1024 * 1024 + 1) }), 413],
  "a form": [head({ "content-type": "application/x-www-form-urlencoded" }) + BODY, 415],
  "a form that is not signed": [
    head({ "content-type": "application/x-www-form-urlencoded", "x-hub-signature-256": "" }) + BODY,
    401,
  ],
  "a head that is too large": [head({ "x-a": "a".repeat(20_000) }), 431],
  "nothing but noise": ["\x16\x03\x01\x02\x00\x01\x00\x01\r\n\r\n", 400],
  "HTTP/2 without an upgrade": ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400],
  "a whole URL as the target": [head({}, "POST http://x/hooks/github HTTP/1.1") + BODY, 400],
  "a length and chunks": [head({ "transfer-encoding": "chunked" }) + BODY, 400],
  "another coding": [head({ ...CHUNKED, "transfer-encoding": "gzip, chunked" }) + BODY, 400],
  "a length that is no number": [head({ "content-length": "+35" }) + BODY, 400],
  "two lengths": [head().replace("\r\n\r\n", `\r\nContent-Length: ${BODY.length}\r\n\r\n`) + BODY, 400],
  "two signatures": [head().replace("\r\n\r\n", `\r\nX-Hub-Signature-256: sha256=x\r\n\r\n`) + BODY, 400],
  "white space before a colon": [head().replace("host:", "host :") + BODY, 400],
  "a folded line": [head().replace("host: x", "host: x\r\n y") + BODY, 400],
  "a line without a colon": [head().replace("host: x", "host") + BODY, 400],
  "a NUL": [head({ "x-a": "a\0b" }) + BODY, 400],
  "lines that end in LF alone": [head().replaceAll("\r\n", "\n") + BODY, 400],
  "a chunk without a length": [`${head(CHUNKED)}\r\n${BODY}\r\n0\r\n\r\n`, 400],
  "a chunk that is longer than it says": [`${head(CHUNKED)}2\r\n${BODY}\r\n0\r\n\r\n`, 400],
  "a chunk of a negative length": [`${head(CHUNKED)}-1\r\n${BODY}\r\n0\r\n\r\n`, 400],
  "a chunk of a length beyond all bounds": [`${head(CHUNKED)}fffffffff\r\n${BODY}`, 400],
  "a chunk over 25 MiB": [`${head(CHUNKED)}1900001\r\n`, 413],
  "trailers without an end": [`${head(CHUNKED)}0\r\n${"x: y\r\n".repeat(20)}\r\n`, 400],
};

for (const [what, [sent, status]] of Object.entries(VERDICTS)) {
  Deno.test(`a request to the receiver: ${what} is answered ${status}`, async () => {
    await using porch = new Porch();
    await using peer = await Peer.connect(porch.port);
    await peer.write(sent);
    if (status !== 202) await peer.end();
    const answer = readAnswer(await peer.rest());
    assert.equal(answer.status, status, JSON.stringify(answer));
    assert.equal(porch.delivered.length, status === 202 ? 1 : 0);
    assert.equal(porch.refusals.length, status === 202 ? 0 : 1);
    if (status === 202) assert.equal(new TextDecoder().decode(porch.delivered[0]?.body), BODY);
    assert.equal(answer.fields.includes("allow: POST"), status === 405);
  });
}
