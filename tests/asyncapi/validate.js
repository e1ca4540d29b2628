// Parse one AsyncAPI document with the project's own parser. What it finds goes to standard output, one line
// each; the exit code is 1 where that is a warning or an error.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const MERE_ADVICE = 2;
const source = process.argv[2];
const parser = new Parser();
const { document, diagnostics } = await parser.parse(readFileSync(source, "utf8"), { source });
const faults = diagnostics.filter((found) => found.severity < MERE_ADVICE);
for (const found of faults) console.log(`${found.path.join(".")}: ${found.message}`);
if (document) console.log(`channels: ${document.channels().all().length}`);
process.exit(document && faults.length === 0 ? 0 : 1);
