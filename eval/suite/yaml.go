package suite

import (
	"bytes"
	"errors"
	"io"
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/purser-desk/purser/internal/say"
	"github.com/purser-desk/purser/knowledge"
)

// yaml reads all documents of a file, one behind the other.
func (r *ticketReader) yaml(raw []byte) {
	documents := yaml.NewDecoder(bytes.NewReader(raw))
	for {
		var document yaml.Node
		err := documents.Decode(&document)
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			r.problems.Add(knowledge.ProblemSyntax, r.origin, 0, "is broken YAML: %s", strings.TrimPrefix(err.Error(), "yaml: "))
			return
		}
		for _, content := range document.Content {
			r.yamlDocument(target(content))
		}
	}
}

// yamlDocument reads a list of tickets, a mapping that holds it as "tickets", or
// a single ticket.
func (r *ticketReader) yamlDocument(node *yaml.Node) {
	if node.Kind == yaml.MappingNode {
		list := r.yamlTickets(node)
		if list == nil {
			r.yamlTicket(node)
			return
		}
		node = list
	}
	switch {
	case node.Kind == yaml.SequenceNode:
		for _, ticket := range node.Content {
			r.yamlTicket(ticket)
		}
	case node.Kind != yaml.ScalarNode || node.Tag != "!!null": // nothing at all is an empty document
		r.problems.Add(knowledge.ProblemSyntax, r.origin, node.Line, "must be a list of tickets, or a mapping with the list under \"tickets\"")
	}
}

// yamlTickets is what a mapping holds as "tickets"; nil when the mapping is a
// ticket itself. What else stands there is noted, unless it has an anchor, by
// which tickets may take it.
func (r *ticketReader) yamlTickets(mapping *yaml.Node) (list *yaml.Node) {
	ticket := false
	for key, value := range pairs(mapping) {
		switch {
		case key.Value == "tickets" && list != nil:
			r.problems.Add(knowledge.ProblemDuplicateKey, r.origin, key.Line, "\"tickets\" stands twice; put all tickets into one list")
		case key.Value == "tickets":
			list = target(value)
		default:
			_, known := r.fields[key.Value]
			ticket = ticket || known || key.Tag == mergeTag
		}
	}
	switch {
	case list == nil && ticket:
		return nil
	case list == nil:
		return &yaml.Node{Kind: yaml.MappingNode, Line: mapping.Line}
	}
	for key, value := range pairs(mapping) {
		if key.Value != "tickets" && value.Anchor == "" {
			r.note(ProblemUnread, key.Line, "%q beside \"tickets\" is not read", key.Value)
		}
	}
	return list
}

func (r *ticketReader) yamlTicket(node *yaml.Node) {
	var c rawCase
	if err := node.Decode(&c); err != nil {
		r.problems.Add(knowledge.ProblemSyntax, r.origin, node.Line, "is not a ticket: %s", say.YAMLProblem(err))
		return
	}
	r.yamlKeys(node, r.fields, "")
	r.add(c, node.Line)
}

// mergeTag is that of the key "<<", which takes over another mapping.
const mergeTag = "!!merge"

// yamlKeys looks the keys of a value through for those that nothing reads; the
// fields named are read. The value was decoded before, so no mapping takes over
// itself.
func (r *ticketReader) yamlKeys(node *yaml.Node, read fieldTree, path string) {
	node = target(node)
	if node.Kind == yaml.SequenceNode {
		for _, one := range node.Content {
			r.yamlKeys(one, read, path)
		}
	}
	if node.Kind != yaml.MappingNode {
		return
	}
	for key, value := range pairs(node) {
		under, known := read[key.Value]
		switch {
		case key.Tag == mergeTag:
			r.yamlKeys(value, read, path)
		case known && under != nil:
			r.yamlKeys(value, under, path+key.Value+".")
		case !known:
			r.passOverField(path+key.Value, key.Line)
		}
	}
}

// target is the node itself, or what it is an alias of.
func target(node *yaml.Node) *yaml.Node {
	for node.Kind == yaml.AliasNode && node.Alias != nil {
		node = node.Alias
	}
	return node
}

// pairs are the keys of a mapping with their values.
func pairs(mapping *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i+1 < len(mapping.Content); i += 2 {
			if !yield(mapping.Content[i], mapping.Content[i+1]) {
				return
			}
		}
	}
}
