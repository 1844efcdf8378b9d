/**
 * The host's interfaces, by the names under which a component imports them: no file holds them, the build
 * leaves the imports alone and the component gets them from its world.
 *
 * @module
 */

declare module "omnifs:provider/http@1.0.0" {
  /** GET, HEAD, and a POST that is a GraphQL query. Throws an object whose `payload` is an `HttpError`. */
  export function fetch(request: import("./contract.ts").Request): import("./contract.ts").Response;
}

declare module "omnifs:provider/http-write@1.0.0" {
  /** Any method; denied outside an apply. Throws as `fetch` does. */
  export function send(request: import("./contract.ts").Request): import("./contract.ts").Response;
}

declare module "omnifs:provider/dns@1.0.0" {
  /** Asks one question; the system's resolver without `resolver`. Throws an object whose `payload` is a `DnsError`. */
  export function query(
    name: string,
    rtype: string,
    resolver: string | undefined,
  ): import("./contract.ts").DnsReply;
}

declare module "omnifs:provider/log@1.0.0" {
  /** Notes for the operator. */
  export function log(level: "debug" | "info" | "warn" | "error", message: string): void;
}

declare module "omnifs:provider/settings@1.0.0" {
  /** The settings as JSON that satisfied the schema. */
  export function get(): string;
}

declare module "omnifs:provider/clock@1.0.0" {
  /** Milliseconds since the Unix epoch. */
  export function now(): number;
}

declare module "omnifs:provider/packer@1.0.0" {
  /** The names of the projects. */
  export function projects(): string[];
  /** Each of these throws an object whose `payload` is a `Failure`. */
  export function getStatus(project: string): import("./contract.ts").PackerStatus;
  /** The text of `index.json`. */
  export function registry(project: string): string;
  /** Every registered asset. */
  export function assets(project: string): import("./contract.ts").PackerAsset[];
  /** One registered asset. */
  export function getAsset(project: string, id: number): import("./contract.ts").PackerAsset;
  /** The text of its `asset.json`. */
  export function declaration(project: string, asset: number): string;
  /** What a directory of an asset holds. */
  export function files(project: string, asset: number, path: string): import("./contract.ts").PackerEntry[];
  /** Bytes of a file. */
  export function read(
    project: string,
    asset: number,
    path: string,
    offset: number,
    length: number,
  ): import("./contract.ts").Payload;
  /** What waits for a decision. */
  export function divergences(project: string): import("./contract.ts").PackerDivergence[];
  /** The latest events, one JSON document a line. */
  export function events(project: string): string;
  /** The latest build; null or undefined where there is none. */
  export function latestBuild(project: string): import("./contract.ts").PackerBuild | null | undefined;
  /** Bytes of its archive. */
  export function readBuild(project: string, offset: number, length: number): import("./contract.ts").Payload;
  /** What a commit of these commands would change, one line each; throws as the commit would. */
  export function preview(project: string, commands: import("./contract.ts").PackerCommand[]): string[];
  /** Now, as `committed` takes it. */
  export function moment(project: string): string;
  /** Whether that commit took place since that moment; null or undefined where the packer cannot know. */
  export function committed(project: string, correlation: string, since: string): boolean | null | undefined;
}

declare module "omnifs:provider/packer-write@1.0.0" {
  /** Commits; denied outside an apply. Throws an object whose `payload` is a `Failure`. */
  export function commit(
    project: string,
    commands: import("./contract.ts").PackerCommand[],
    correlation: string,
  ): number;
}
