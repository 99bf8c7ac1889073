// Package demo carries the data with which Purser can be tried on a machine
// that has none: the help centre of Skerry Air, an airline that does not
// exist, and tickets as its customers might write them.
//
// It only carries the files; it never parses, imports or sends them. No
// person, booking or contact in them is real: addresses end in example
// domains, and phone numbers come from the ranges that are kept free for
// fiction.
package demo

import "embed"

// KnowledgeDir is the folder of the articles inside Files. It holds a folder
// for each locale, and in it one Markdown file with YAML front matter for each
// article, named after the article's key.
const KnowledgeDir = "kb"

// TicketsFile is the name of the tickets inside Files: one JSON object a line.
// Each carries the customer's message, the keys of the articles that answer it
// (gold_ids), a good reply, and what a desk should do with it (expect): answer
// it, stay silent (none), or leave it to a person (human). The first one is
// the showcase: its answer stands in a single English article.
const TicketsFile = "tickets.jsonl"

// HouseFile is the name of the airline's settings inside Files, YAML.
const HouseFile = "house.yaml"

//go:embed kb tickets.jsonl house.yaml
var files embed.FS

// Files returns the demo data, with KnowledgeDir and TicketsFile at its root.
func Files() embed.FS { return files }
