/**
 * From names to addresses, in a form that a test can take the place of.
 *
 * @module
 */
import type { LookupFunction } from "node:net";

/** All addresses of a name, in canonical text; rejects where there are none. */
export type Lookup = (name: string) => Promise<readonly string[]>;

/** `lookup` in the form in which a connection asks. */
export function nodeLookup(lookup: Lookup): LookupFunction {
  return (name, { all }, done) => {
    lookup(name).then((addresses) => {
      const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
      const [first] = found;
      if (first === undefined) throw new Error(`${name} has no address`);
      if (all) done(null, found);
      else done(null, first.address, first.family);
    }).catch((error) => done(error, ""));
  };
}
