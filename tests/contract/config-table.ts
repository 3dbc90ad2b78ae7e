import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { exampleEnvironment, settings } from "../../server/config.ts";

const root = resolve(import.meta.dirname, "../..");
export const examplePath = join(root, ".env.example");
export const readmePath = join(root, "README.md");

const start = "<!-- config:start -->";
const end = "<!-- config:end -->";

/** What the table's second column says of a setting; the sentences of those without a fallback tell the rest. */
const defaultOf = (name: string, setting: { fallback?: string; optional?: true }) => {
  if (name === "NODE_NAME") return "host name and process id";
  if (setting.fallback === undefined) return setting.optional ? "none" : "required";
  return setting.fallback === "" ? "empty" : `\`${setting.fallback}\``;
};

/** The README's table of every setting, as Markdown without a closing line break. */
export const configTable = (): string => {
  const cell = (text: string) => text.replaceAll("|", "\\|");
  const rows = Object.entries(settings as Record<string, { about: string; fallback?: string; optional?: true }>).map(
    ([name, setting]) => [`\`${name}\``, defaultOf(name, setting), setting.about].map(cell),
  );
  const table = [["Variable", "Default", "Meaning"], ["---", "---", "---"], ...rows];
  return table.map((row) => `| ${row.join(" | ")} |`).join("\n");
};

/** A README in three parts: up to the table, the table, and what follows. Throws when a mark is missing. */
export const readmeParts = (readme: string): { before: string; table: string; after: string } => {
  const [from, to] = [readme.indexOf(start) + start.length, readme.indexOf(end)];
  if (from < start.length || to < from) throw new Error(`README.md needs its table between ${start} and ${end}`);
  return { before: readme.slice(0, from), table: readme.slice(from, to).trim(), after: readme.slice(to) };
};

/** `npx tsx tests/contract/config-table.ts --write`: rewrites the README's table and `.env.example`. */
if (process.argv.includes("--write") && import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await writeFile(examplePath, exampleEnvironment());
  const { before, after } = readmeParts(await readFile(readmePath, "utf8"));
  await writeFile(readmePath, `${before}\n\n${configTable()}\n\n${after}`);
}
