/**
 * What the hello provider says.
 *
 * @module
 */

/** The provider's manifest: no needs, no settings. */
export const MANIFEST = {
  name: "hello",
  version: "1.0.0",
  summary: "A few files that need no capability: the provider to start with",
};

/** The file that everybody reads first. */
export const GREETING = "Hello from a WebAssembly component that was asked for a file.";

/** The same in other languages, by file name. */
export const GREETINGS: Readonly<Record<string, string>> = {
  "Deutsch": "Hallo, Welt!",
  "Ελληνικά": "Γειά σου, κόσμε!",
  "English": "Hello, world!",
  "Español": "¡Hola, mundo!",
  "Esperanto": "Saluton, mondo!",
  "Français": "Bonjour, le monde !",
  "Kiswahili": "Habari, dunia!",
  "Tiếng Việt": "Xin chào thế giới!",
  "Türkçe": "Merhaba dünya!",
  "Українська": "Привіт, світе!",
  "العربية": "مرحبا بالعالم!",
  "हिन्दी": "नमस्ते दुनिया!",
  "中文": "你好，世界！",
  "日本語": "こんにちは、世界！",
};

/** How a read travels, one file a step; each begins with the word that names its file. */
export const STEPS: readonly string[] = [
  `Kernel: \`cat greeting\` asks the kernel, and the kernel asks whoever mounted this
directory, over /dev/fuse. What it was told once and may keep, it answers by itself.`,
  `Runtime: omnifs keeps a tree of nodes. Where it holds the answer already, nothing else
is asked; otherwise it asks the provider that owns the path.`,
  `Component: the provider is WebAssembly. This one imports nothing: it can compute, and
that is all it can do. It has three operations: look a name up, list, read.`,
  `Gate: a provider with an upstream asks for each request at the gate. The gate knows what
you granted with --allow-net, attaches the credential that the provider never sees, and
says no to everything else. This provider never gets here.`,
  `Back: the answer says how long it is true. This file's is "immutable", so the kernel
keeps it, and the second \`cat\` reaches nobody at all.`,
];
