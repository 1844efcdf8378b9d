/**
 * What is used of `dns-packet` 5.6.1, which comes without types.
 *
 * @module
 */

/** A decoded message. */
export interface Message {
  /** Its id. */
  readonly id: number;
  /** Recursion desired. */
  readonly flag_rd: boolean;
  /** Authentic data. */
  readonly flag_ad: boolean;
  /** What it asks. */
  readonly questions: readonly { readonly name: string; readonly type: string }[];
  /** What goes beside the answer, EDNS(0) among it. */
  readonly additionals: readonly { readonly type: string; readonly udpPayloadSize: number }[];
}

/** The package. */
declare const packet: {
  /** The bit of the header that asks a resolver to do the whole work (RFC 1035, 4.1.1). */
  readonly RECURSION_DESIRED: number;
  /** The bit by which a resolver is asked to tell whether it verified the answer (RFC 6840, 5.7). */
  readonly AUTHENTIC_DATA: number;
  /** A message on the wire, as a Node `Buffer`; bytes in it have to be Buffers too. */
  encode(message: Readonly<Record<string, unknown>>): Uint8Array;
  /** The parts of a message, which has to be a `Buffer`. */
  decode(message: Uint8Array): Message;
};

export default packet;
