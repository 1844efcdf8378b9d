/** @module Interface omnifs:provider/settings@1.0.0 **/
export function get(): string;
