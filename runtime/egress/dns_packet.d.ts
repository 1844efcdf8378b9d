/**
 * What is used of `dns-packet` 5.6.1, which comes without types.
 *
 * @module
 */

/** The bit of the header that asks a resolver to do the whole work (RFC 1035, 4.1.1). */
export const RECURSION_DESIRED: number;

/** The bit by which a resolver is asked to tell whether it verified the answer (RFC 6840, 5.7). */
export const AUTHENTIC_DATA: number;

/** A query as `encode` takes it. */
export interface QueryPacket {
  /** Always `query`. */
  readonly type: "query";
  /** The message's number, 16 bits. */
  readonly id: number;
  /** Bits of the header. */
  readonly flags: number;
  /** What is asked. */
  readonly questions: readonly { readonly type: string; readonly name: string; readonly class: "IN" }[];
  /** The OPT record of EDNS(0) (RFC 6891). */
  readonly additionals: readonly {
    readonly type: "OPT";
    readonly name: ".";
    readonly udpPayloadSize: number;
    readonly flags: number;
  }[];
}

/** The message on the wire; the bytes are a Node `Buffer`. */
export function encode(packet: QueryPacket): Uint8Array;
