/**
 * SHA-256, as text.
 *
 * @module
 */

/** SHA-256 of bytes, or of text in UTF-8, in lower-case hexadecimal. */
export async function sha256(data: Uint8Array | string): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : new Uint8Array(data);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
