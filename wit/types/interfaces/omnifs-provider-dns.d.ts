/** @module Interface omnifs:provider/dns@1.0.0 **/
/**
 * `resolver`: none for the system's, an IP address, or an `https:` DoH endpoint.
 */
export function query(name: string, rtype: string, resolver: string | undefined): Reply;
export interface Answer {
  name: string,
  /**
   * Mnemonic such as `MX`.
   */
  rtype: string,
  /**
   * Seconds, as the server gave it.
   */
  ttl: number,
  /**
   * Presentation format of RFC 1035.
   */
  data: string,
}
/**
 * # Variants
 * 
 * ## `"noerror"`
 * 
 * ## `"formerr"`
 * 
 * ## `"servfail"`
 * 
 * ## `"nxdomain"`
 * 
 * ## `"notimp"`
 * 
 * ## `"refused"`
 */
export type Rcode = 'noerror' | 'formerr' | 'servfail' | 'nxdomain' | 'notimp' | 'refused';
export interface Reply {
  rcode: Rcode,
  authenticated: boolean,
  answers: Array<Answer>,
  /**
   * The SOA of the zone that answered, where the server sent one.
   */
  authority: Array<Answer>,
}
export type DnsError = DnsErrorDenied | DnsErrorTimeout | DnsErrorMalformed;
export interface DnsErrorDenied {
  tag: 'denied',
  val: string,
}
export interface DnsErrorTimeout {
  tag: 'timeout',
}
export interface DnsErrorMalformed {
  tag: 'malformed',
  val: string,
}
