/**
 * DNS messages to text: names and record data on the wire (RFC 1035, 3.1 and 4.1.4) in the presentation format of
 * master files (RFC 1035, 5.1).
 *
 * `dns-packet` decodes too, but drops what a label needs escaped: `john\.doe` and `john.doe` come out alike.
 *
 * @module
 */
import ipaddr from "ipaddr.js";

/** A message that breaks the rules of the wire. */
export class MalformedMessage extends Error {}

/** Numbers of record types and their mnemonics, as IANA's registry of DNS parameters has them. */
export const TYPES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  NAPTR: 35,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  TLSA: 52,
  SVCB: 64,
  HTTPS: 65,
  CAA: 257,
};

const MNEMONICS: ReadonlyMap<number, string> = new Map(
  Object.entries(TYPES).map(([name, number]) => [number, name]),
);

/** The mnemonic of a type; `TYPE64000` for one without (RFC 3597, 5). */
export function typeName(number: number): string {
  return MNEMONICS.get(number) ?? `TYPE${number}`;
}

/** Most compression pointers in one name; a chain of more is a loop, since a name has at most 127 labels. */
const MOST_POINTERS = 128;

/** Reads a message from its start to its end; everything is checked against its length. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  /** Where the next read begins. */
  at: number;

  /** A reader of `bytes` that begins at `at`. */
  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  /** An unsigned number of 8 bits. */
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /** An unsigned number of 16 bits. */
  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  /** An unsigned number of 32 bits. */
  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** The next `length` bytes. */
  bytes(length: number): Uint8Array {
    const start = this.#take(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** A character string: a length of 8 bits, and as many bytes (RFC 1035, 3.3). */
  string(): Uint8Array {
    return this.bytes(this.u8());
  }

  /** A name, compressed or not, with its trailing dot. */
  name(): string {
    const labels: string[] = [];
    let length = 0;
    const reader = new MessageReader(this.#bytes, this.at);
    let end: number | undefined;
    for (let pointers = 0;;) {
      const size = reader.u8();
      if (size >= 0xc0) {
        const target = (size & 0x3f) << 8 | reader.u8();
        end ??= reader.at;
        if (++pointers > MOST_POINTERS) throw new MalformedMessage("a name points in a circle");
        reader.at = target;
        continue;
      }
      if (size > 63) throw new MalformedMessage("a label of an unknown kind");
      if (size === 0) break;
      if ((length += size + 1) > 254) throw new MalformedMessage("a name of more than 255 bytes");
      labels.push(labelText(reader.bytes(size)));
    }
    this.at = end ?? reader.at;
    return labels.map((label) => `${label}.`).join("") || ".";
  }

  #take(length: number): number {
    const start = this.at;
    if (start + length > this.#bytes.length) throw new MalformedMessage("the message ends too early");
    this.at += length;
    return start;
  }
}

/** One field of a record's data. */
type Field = (reader: MessageReader, end: number) => string;

const u8: Field = (reader) => String(reader.u8());
const u16: Field = (reader) => String(reader.u16());
const u32: Field = (reader) => String(reader.u32());
const name: Field = (reader) => reader.name();
const text: Field = (reader) => quoted(reader.string());
const rest = (reader: MessageReader, end: number) => reader.bytes(Math.max(0, end - reader.at));
const hex: Field = (reader, end) => hexOf(rest(reader, end));
const base64: Field = (reader, end) => rest(reader, end).toBase64();
const texts: Field = (reader, end) => {
  const strings: string[] = [];
  while (reader.at < end) strings.push(text(reader, end));
  return strings.join(" ");
};

/** The fields of each type that is understood; the sources are the RFCs beside them. */
const FIELDS: Readonly<Record<string, readonly Field[]>> = {
  A: [(reader) => reader.bytes(4).join(".")],
  NS: [name],
  CNAME: [name],
  SOA: [name, name, u32, u32, u32, u32, u32],
  PTR: [name],
  MX: [u16, name],
  TXT: [texts],
  // RFC 3596, shown as RFC 5952 has it.
  AAAA: [(reader) => new ipaddr.IPv6([...reader.bytes(16)]).toRFC5952String()],
  SRV: [u16, u16, u16, name], // RFC 2782
  NAPTR: [u16, u16, text, text, text, name], // RFC 3403
  DNAME: [name], // RFC 6672
  DS: [u16, u8, u8, hex], // RFC 4034
  DNSKEY: [u16, u8, u8, base64], // RFC 4034
  TLSA: [u8, u8, u8, hex], // RFC 6698
  // RFC 8659: flags, the tag as it is, the value as a character string without its length.
  CAA: [
    u8,
    (reader) => String.fromCharCode(...reader.string()),
    (reader, end) => quoted(rest(reader, end)),
  ],
};

/** A record's data of `length` bytes; a type that is not understood reads `\# 4 0a000001` (RFC 3597, 5). */
export function dataText(reader: MessageReader, type: string, length: number): string {
  const end = reader.at + length;
  const fields = FIELDS[type];
  if (fields === undefined) return `\\# ${length}${length === 0 ? "" : ` ${hexOf(reader.bytes(length))}`}`;
  const shown = fields.map((field) => field(reader, end)).join(" ");
  if (reader.at !== end) throw new MalformedMessage(`a ${type} record of a wrong length`);
  return shown;
}

/** A label as it stands in a name: what has a meaning there is escaped, and so is what cannot be printed. */
function labelText(bytes: Uint8Array): string {
  return escaped(bytes, '.\\"();@$');
}

/** A character string in quotes. */
function quoted(bytes: Uint8Array): string {
  return `"${escaped(bytes, '"\\', true)}"`;
}

function escaped(bytes: Uint8Array, special: string, spaces = false): string {
  let shown = "";
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    if (byte < 0x20 || byte > 0x7e || (byte === 0x20 && !spaces)) {
      shown += `\\${String(byte).padStart(3, "0")}`;
    } else shown += special.includes(character) ? `\\${character}` : character;
  }
  return shown;
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
}
