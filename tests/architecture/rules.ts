/**
 * What the source must obey, as data: who may import whom, where a dangerous call may stand, what lies at the
 * top of the repository. `docs/architecture.md` gives the reasons.
 *
 * @module
 */

/** What the files of one module may import beside each other. */
export interface ImportRule {
  /** Modules, or single files of them. */
  readonly may: readonly string[];
  /** Files that may be imported by `import()` alone, so that they load only when they are needed. */
  readonly lazily?: readonly string[];
}

/** The parts of the runtime that the daemon puts together: all but the command line. */
const RUNTIME_PARTS = ["base", "tree", "cache", "egress", "provider", "drafts", "packer", "vfs", "control"]
  .map((part) => `runtime/${part}`);

/** The import table, by module. A module that is not in it may import nothing of ours. */
export const IMPORTS: Readonly<Record<string, ImportRule>> = {
  "main": { may: ["runtime/cli", "runtime/base"] },
  "fuse": { may: [] },
  "wit": { may: [] },
  "wit/types": { may: [] },
  "runtime/base": { may: [] },
  "runtime/tree": { may: ["runtime/base"] },
  "runtime/cache": { may: ["runtime/base"] },
  "runtime/egress": { may: ["runtime/base"] },
  "runtime/packer": { may: ["runtime/base"] },
  "runtime/provider": { may: ["runtime/egress", "runtime/base", "wit/types"] },
  "runtime/drafts": { may: ["runtime/cache", "runtime/provider", "runtime/base"] },
  "runtime/vfs": {
    may: [
      "fuse/mod.ts",
      "runtime/tree",
      "runtime/cache",
      "runtime/drafts",
      "runtime/provider",
      "runtime/base",
    ],
  },
  "runtime/control": { may: ["runtime/base", "package.json"] },
  "runtime/cli": {
    may: ["runtime/control", "runtime/base"],
    lazily: [
      "runtime/daemon.ts",
      "runtime/auth.ts",
      "runtime/inspect.ts",
      "runtime/packer.ts",
      "runtime/conformance.ts",
      "runtime/author.ts",
    ],
  },
  "runtime/daemon": { may: [...RUNTIME_PARTS, "fuse/mod.ts"] },
  "providers/sdk": { may: ["wit/types", "wit/generate.ts"] },
  "providers/*": { may: ["providers/sdk"] },
};

/** Files of a module that another module may not use although it may use the module. */
export const CLOSED: Readonly<Record<string, readonly string[]>> = {
  "runtime/cli": ["runtime/control/server.ts"],
};

/** The modules that may use an npm package. One that is not named here is used by nobody but the tests. */
export const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "@bytecodealliance/jco-transpile": ["runtime/provider", "wit"],
  "@commander-js/extra-typings": ["runtime/cli"],
  "@rgrove/parse-xml": ["providers/arxiv"],
  "ajv": ["runtime/packer"],
  "commander": ["runtime/cli"],
  "componentize-qjs": ["providers/sdk"],
  "diff": ["runtime/drafts"],
  // The demo's stand-ins answer with the two that the gate reads with.
  "graphql": ["runtime/egress", "runtime/cli"],
  "ipaddr.js": ["runtime/egress"],
  "jsonc-parser": ["runtime/packer"],
  "lru-cache": ["runtime/cache", "runtime/egress"],
  "dns-packet": ["runtime/egress", "runtime/cli"],
  // Not a package: what a component imports from the contract, which exists in a guest alone.
  "omnifs:provider": ["providers/sdk"],
  "prom-client": ["runtime/daemon"],
  "rolldown": ["providers/sdk"],
  "smol-toml": ["runtime/cli"],
  "tar-stream": ["runtime/packer"],
};

/** A call that is allowed in one place only. */
export interface Home {
  /** What is looked for, in words for the failure message. */
  readonly what: string;
  /** An ESLint selector on the syntax tree. */
  readonly selector: string;
  /** The files and folders (with a slash at the end) where it may stand. */
  readonly homes: readonly string[];
}

/** What one of `selectors` finds. */
const any = (...selectors: readonly string[]) => `:matches(${selectors.join(", ")})`;

/** The global object under each of its names. */
const GLOBAL = "/^(globalThis|self|window|global)$/";

/** `Deno.name`, where `name` matches: also of `globalThis.Deno`, as `Deno["name"]`, and as `const { name } = Deno`. */
const member = (object: string, names: string) =>
  any(
    `MemberExpression:matches([property.name=${names}], [property.value=${names}])${objectIs(object)}`,
    `VariableDeclarator:matches([init.name='${object}'], [init.property.name='${object}']) > ObjectPattern > Property[key.name=${names}]`,
  );

/** Whose object is `name`, or `globalThis.name`. */
const objectIs = (name: string) =>
  `:matches([object.name='${name}'], [object.property.name='${name}'], [object.property.value='${name}'])`;

/** A global called, constructed, extended, handed on, renamed, or taken from the global object. */
const globalName = (names: string) =>
  any(
    `:matches(CallExpression, NewExpression, ArrayExpression, SpreadElement, ReturnStatement) > Identifier[name=${names}]`,
    `:matches(ClassDeclaration, ClassExpression)[superClass.name=${names}]`,
    `VariableDeclarator[init.name=${names}]`,
    `AssignmentExpression[right.name=${names}]`,
    `ObjectExpression > Property[value.name=${names}]`,
    `MemberExpression[object.name=${GLOBAL}]:matches([property.name=${names}], [property.value=${names}])`,
    `VariableDeclarator[init.name=${GLOBAL}] > ObjectPattern > Property[key.name=${names}]`,
  );

/** An import or export of types alone, which leaves nothing in the program. */
const TYPES_ALONE = ":matches([importKind='type'], [exportKind='type'])";

/** A module of Node: by `import`, `export … from`, `import()`, `require` or its name in a call; types may be imported. */
const nodeModule = (name: string) =>
  any(
    `:not(${TYPES_ALONE}) > Literal[value='node:${name}']`,
    `:matches(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration, ImportExpression):not(${TYPES_ALONE}) > Literal[value='${name}']`,
    `CallExpression:matches([callee.name=/require/i], [callee.property.name=/^(require|getBuiltinModule)$/]) > Literal[value='${name}']`,
    `TemplateElement[cooked='node:${name}']`,
  );

const CLOCK = ["runtime/base/clock.ts"];
const CREDENTIALS = ["runtime/egress/credentials.ts"];

const TRANSPORT = ["runtime/egress/transport.ts"];

/** Modules of Node that reach the network, programs or threads, and who may have them. */
const NODE_HOMES: Readonly<Record<string, readonly string[]>> = {
  "http": [...TRANSPORT, "runtime/control/client.ts"],
  "https": TRANSPORT,
  "http2": ["runtime/egress/dns_https.ts"],
  "net": [...TRANSPORT, "runtime/egress/dns_socket.ts"],
  "tls": TRANSPORT,
  "dgram": ["runtime/egress/dns_socket.ts", "runtime/cli/demo/dns/server.ts"],
  "dns": [],
  "dns/promises": [],
  "child_process": ["runtime/cli/background.ts"],
  "worker_threads": [],
  "cluster": [],
  "inspector": [],
  "vm": [],
};

/** Where each dangerous call of the host lives. */
export const HOMES: readonly Home[] = [
  ...Object.entries(NODE_HOMES).map(([name, homes]) => ({
    what: `node:${name}`,
    selector: nodeModule(name),
    homes,
  })),
  { what: "Deno.dlopen", selector: member("Deno", "/^dlopen$/"), homes: ["fuse/libc.ts"] },
  {
    what: "Deno.connect",
    selector: member("Deno", "/^(connect|startTls)/"),
    // Unix sockets: of a daemon, and of the command that waits for one. And the receiver's own port, for a sample.
    homes: [
      "runtime/control/places.ts",
      "runtime/cli/handshake.ts",
      "runtime/egress/webhook_sample.ts",
    ],
  },
  {
    what: "Deno.listen",
    selector: member("Deno", "/^(listen|serve|Quic|upgradeWeb)/"),
    homes: [
      "runtime/control/server.ts",
      "runtime/cli/handshake.ts",
      "runtime/cli/demo/http.ts",
      // The page of `omnifs inspect --web`, on loopback, for as long as the command runs.
      "runtime/cli/inspect/web.ts",
      "runtime/egress/webhook_receiver.ts",
      // Looks whether the receiver's port is free, while this thread may still listen.
      "runtime/daemon_webhooks.ts",
    ],
  },
  { what: "Deno.createHttpClient", selector: member("Deno", "/^(createHttpClient|HttpClient)$/"), homes: [] },
  { what: "Deno.resolveDns", selector: member("Deno", "/^(resolveDns|openKv)$/"), homes: [] },
  {
    what: "Deno.Command",
    selector: member("Deno", "/^(Command|run|spawn.*)$/"),
    homes: [
      "fuse/fusermount.ts",
      "runtime/egress/program.ts",
      "runtime/cli/detach.ts",
      "runtime/cli/systemd.ts",
      "runtime/author.ts",
    ],
  },
  {
    what: "Deno by another name",
    selector: any(
      `:not(:matches(MemberExpression, TSQualifiedName, TSTypeQuery, VariableDeclarator[id.type='ObjectPattern'])) > Identifier[name='Deno']`,
      `MemberExpression[computed=true]:not([property.type='Literal'])${objectIs("Deno")}`,
      `VariableDeclarator[id.type='ObjectPattern']:matches([init.name='Deno'], [init.property.name='Deno']) > ObjectPattern > RestElement`,
    ),
    homes: [],
  },
  {
    what: "the global object by another name",
    selector: any(
      `MemberExpression[computed=true]:not([property.type='Literal'])[object.name=${GLOBAL}]`,
      `CallExpression > Identifier[name=${GLOBAL}]`,
      `VariableDeclarator[init.name=${GLOBAL}][id.type='Identifier']`,
    ),
    // Both take things away from it.
    homes: ["runtime/provider/guest_worker.ts", "runtime/provider/transpile_worker.ts"],
  },
  { what: "fetch", selector: globalName("/^fetch$/"), homes: [] },
  {
    what: "new WebSocket",
    selector: globalName("/^(WebSocket|WebSocketStream|EventSource|WebTransport)$/"),
    homes: [],
  },
  {
    what: "new Worker",
    selector: globalName("/^Worker$/"),
    homes: [
      "runtime/egress/thread.ts",
      "runtime/provider/guest.ts",
      "runtime/provider/transpiler.ts",
      "runtime/packer/scout_thread.ts",
      "runtime/cli/demo/upstream.ts",
    ],
  },
  {
    what: "Deno.stdin, or a question of the browser's",
    selector: any(member("Deno", "/^stdin$/"), globalName("/^(prompt|confirm|alert)$/")),
    // Each asks on a terminal alone, and its command names the option with which it does not: see `prompts`.
    homes: [
      "runtime/cli/consent.ts",
      "runtime/cli/commands/auth_login.ts",
      "runtime/cli/commands/draft_write.ts",
      // No question: keys for a view that is refused without a terminal.
      "runtime/cli/commands/inspect.ts",
      "runtime/cli/inspect/terminal.ts",
    ],
  },
  { what: "Deno.exit", selector: member("Deno", "/^exit$/"), homes: ["main.ts"] },
  { what: "Date.now", selector: member("Date", "/^now$/"), homes: CLOCK },
  {
    what: "new Date() without a time",
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    homes: CLOCK,
  },
  { what: "setTimeout", selector: globalName("/^setTimeout$/"), homes: CLOCK },
  { what: "setInterval", selector: globalName("/^setInterval$/"), homes: CLOCK },
  {
    what: "the variable of a secret",
    selector: "Literal[value=/^[A-Z][A-Z0-9_]*_(TOKEN|SECRET|PASSWORD|API_KEY)$/]",
    homes: CREDENTIALS,
  },
  { what: "a bearer credential", selector: "Literal[value=/^Bearer /]", homes: CREDENTIALS },
  { what: "a bearer credential", selector: "TemplateElement[cooked=/^Bearer /]", homes: CREDENTIALS },
];

/** What a guest has no use for, since there is no host beside it. The tools that build it run on the host. */
export const GUEST_HOMES: readonly Home[] = [
  {
    what: "Deno",
    selector: "MemberExpression[object.name='Deno']",
    homes: [
      "providers/sdk/build.ts",
      "providers/sdk/build_files.ts",
      // What an author runs on a host: tests and a server of sample data.
      "providers/sdk/template/serve.ts",
      "providers/sdk/template/tree_test.ts",
    ],
  },
];

/** Modules whose tables answer at once, so that a hit never waits: no `await`, no async function, no promise. */
export const SYNCHRONOUS: readonly string[] = ["runtime/tree", "runtime/cache"];

/** The top of the repository. Whatever else lies there is a mistake. */
export const TOP_LEVEL: readonly string[] = [
  ".ci",
  ".gitattributes",
  ".github",
  ".gitignore",
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "deno.json",
  "docs",
  "fuse",
  "main.ts",
  "package-lock.json",
  "package.json",
  "providers",
  "runtime",
  "tests",
  "wit",
];

/** Longest source file in lines: a file is one idea. */
export const LONGEST_FILE = 400;

/** An export that nobody imports, and why it stays. */
export interface KeptExport {
  /** The file; a folder where it ends in a slash. */
  readonly path: string;
  /** The reason. */
  readonly why: string;
}

/** The only exports that may have no importer. */
export const KEPT_EXPORTS: readonly KeptExport[] = [
  { path: "fuse/mod.ts", why: "the public face of the library" },
  { path: "runtime/mod.ts", why: "the public face for programs that embed omnifs" },
  { path: "providers/sdk/", why: "the public face for provider authors" },
  { path: "wit/types/", why: "generated" },
];
