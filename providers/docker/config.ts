/**
 * The provider's settings, and the manifest that follows from them.
 *
 * @module
 */
import type { ManifestDefinition } from "../sdk/mod.ts";
import { text } from "./json.ts";

/** Where the Engine listens. */
export interface Settings {
  /** The absolute path of its socket. */
  readonly socket: string;
}

/** Docker's own. Podman listens at `/run/podman/podman.sock`, and without root below `$XDG_RUNTIME_DIR`. */
const DEFAULT_SOCKET = "/var/run/docker.sock";

/** JSON Schema of the settings. */
const SCHEMA = {
  type: "object",
  properties: {
    socket: {
      type: "string",
      pattern: "^(unix://)?/[^\\s:?#%\\\\]+$",
      default: DEFAULT_SOCKET,
      description: "The Engine's socket, as a path or as DOCKER_HOST has it: unix:///var/run/docker.sock",
    },
  },
  additionalProperties: false,
};

/** What `given`, the user's settings, come to. */
export function settingsOf(given: unknown): Settings {
  return { socket: (text(given, "socket") ?? DEFAULT_SOCKET).replace(/^unix:\/\//, "") };
}

/** The manifest under these settings. */
export function manifestOf({ socket }: Settings): ManifestDefinition {
  return {
    name: "docker",
    version: "1.0.0",
    summary: "Containers, images, networks and volumes of a Docker Engine or of Podman",
    needs: [{
      target: `unix:${socket}`,
      write: true,
      why: "Read containers and their logs, images, networks and volumes; change containers by drafts",
    }],
    settings: SCHEMA,
  };
}
