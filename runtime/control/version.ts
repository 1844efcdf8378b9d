/**
 * The version of omnifs, from the one place that states it.
 *
 * @module
 */
import manifest from "../../package.json" with { type: "json" };

/** As in `package.json`, such as `0.1.0`. */
export const VERSION: string = manifest.version;
