package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/purser-desk/purser/cmd/purser/settings"
)

// documentedTable is the rows of a page's table whose header begins with the
// given cells, code marks removed.
func documentedTable(t *testing.T, page string, header ...string) [][]string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", page))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	inside := false
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			if inside {
				break
			}
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.ReplaceAll(strings.TrimSpace(cells[i]), "`", "")
		}
		switch {
		case inside:
			rows = append(rows, cells)
		case len(cells) >= len(header) && cmp.Equal(cells[:len(header)], header):
			inside = true
		}
	}
	if len(rows) < 2 {
		t.Fatalf("%s has no table with the header %q", page, header)
	}
	return rows[1:] // without the rule under the header
}

func parseGo(t *testing.T, path ...string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(append([]string{"..", ".."}, path...)...), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(l.Value)
	if err != nil {
		return ""
	}
	return s
}

func selected(e ast.Expr) string {
	if s, ok := e.(*ast.SelectorExpr); ok {
		return s.Sel.Name
	}
	return ""
}

// codeWord is a code as gRPC's own documents write it: "NotFound" is NOT_FOUND.
func codeWord(name string) string {
	if name == "Canceled" {
		return "CANCELLED"
	}
	return strings.ToUpper(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(name, "${1}_${2}"))
}

func TestEverySettingIsDocumented(t *testing.T) {
	t.Parallel()
	var want [][]string
	for _, s := range settings.Table() {
		want = append(want, []string{s.Variable, s.Name, s.Standard, s.Unit, s.Help})
	}
	if diff := cmp.Diff(want, documentedTable(t, "settings.md", "Variable", "In the file")); diff != "" {
		t.Errorf("settings (-) and the documented table (+):\n%s", diff)
	}
}

func TestEveryErrorReasonIsDocumented(t *testing.T) {
	t.Parallel()
	reason := regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)
	want := map[string]string{}
	for _, file := range []string{"status.go", "server.go"} {
		ast.Inspect(parseGo(t, "api", file), func(n ast.Node) bool {
			var code, word string
			switch n := n.(type) {
			case *ast.CompositeLit: // a line of the table of sentinels
				if len(n.Elts) == 3 {
					code, word = selected(n.Elts[1]), literal(n.Elts[2])
				}
			case *ast.CallExpr: // newStatus(code, reason, …)
				if len(n.Args) >= 4 {
					code, word = selected(n.Args[0]), literal(n.Args[1])
				}
			}
			if code != "" && reason.MatchString(word) {
				want[word] = codeWord(code)
			}
			return true
		})
	}
	if len(want) < 30 {
		t.Fatalf("found only %d reasons in the code", len(want))
	}
	got := map[string]string{}
	for _, row := range documentedTable(t, "errors.md", "Reason", "Code") {
		got[row[0]] = row[1]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reasons of the code (-) and of the page (+):\n%s", diff)
	}
}

func TestEveryOutcomeIsDocumented(t *testing.T) {
	t.Parallel()
	want := map[string]map[string]bool{}
	ast.Inspect(parseGo(t, "suggest", "suggestion.go"), func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		if kind, ok := v.Type.(*ast.Ident); ok && literal(v.Values[0]) != "" {
			if want[kind.Name] == nil {
				want[kind.Name] = map[string]bool{}
			}
			want[kind.Name][literal(v.Values[0])] = true
		}
		return true
	})
	for kind, header := range map[string][]string{
		"Outcome": {"Outcome", "Meaning"}, "Reason": {"Reason", "Outcome"}, "NoticeCode": {"Code", "In"},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			got := map[string]bool{}
			for _, row := range documentedTable(t, "outcomes.md", header...) {
				got[row[0]] = true
			}
			if diff := cmp.Diff(want[kind], got); diff != "" {
				t.Errorf("of the code (-) and of the page (+):\n%s", diff)
			}
		})
	}
}

func TestWhoMayCallWhatIsDocumented(t *testing.T) {
	t.Parallel()
	groups := map[string]map[string]bool{}
	want := map[string]map[string]bool{}
	ast.Inspect(parseGo(t, "api", "auth.go"), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec: // forAgents = []Role{RoleAgent, …}
			if len(n.Values) != 1 {
				break
			}
			if list, ok := n.Values[0].(*ast.CompositeLit); ok {
				roles := map[string]bool{}
				for _, e := range list.Elts {
					if name, ok := e.(*ast.Ident); ok {
						roles[strings.ToLower(strings.TrimPrefix(name.Name, "Role"))] = true
					}
				}
				groups[n.Names[0].Name] = roles
			}
		case *ast.CaseClause: // case purserv1.X_Y_FullMethodName: return forAgents
			back, ok := n.Body[len(n.Body)-1].(*ast.ReturnStmt)
			if !ok || len(back.Results) != 1 {
				break
			}
			group, ok := back.Results[0].(*ast.Ident)
			if !ok {
				break
			}
			for _, e := range n.List {
				if name, ok := strings.CutSuffix(selected(e), "_FullMethodName"); ok {
					want[strings.Replace(name, "_", "/", 1)] = groups[group.Name]
				}
			}
		}
		return true
	})
	if len(want) < 20 {
		t.Fatalf("found only %d methods in the code", len(want))
	}
	got := map[string]map[string]bool{}
	for _, row := range documentedTable(t, "roles.md", "Method", "agent", "editor", "qa", "supervisor", "admin") {
		roles := map[string]bool{}
		for i, role := range []string{"agent", "editor", "qa", "supervisor", "admin"} {
			if row[i+1] == "yes" {
				roles[role] = true
			}
		}
		got[row[0]] = roles
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("methods of the code (-) and of the page (+):\n%s", diff)
	}
}

func TestEveryStandingIsDocumented(t *testing.T) {
	t.Parallel()
	values := map[string]map[string]bool{}
	ast.Inspect(parseGo(t, "suggest", "claim.go"), func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if kind, ok := v.Type.(*ast.Ident); ok {
				if values[kind.Name] == nil {
					values[kind.Name] = map[string]bool{}
				}
				values[kind.Name][literal(v.Values[0])] = true
			}
		}
		return true
	})
	for kind, column := range map[string]string{"Standing": "Standing", "ClaimReason": "Open for", "LeftOutReason": "Left out for"} {
		if len(values[kind]) < 5 {
			t.Fatalf("%d values of %s in the code", len(values[kind]), kind)
		}
		got := map[string]bool{}
		for _, row := range documentedTable(t, "outcomes.md", column, "Meaning") {
			got[row[0]] = true
		}
		if diff := cmp.Diff(values[kind], got); diff != "" {
			t.Errorf("%s of the code (-) and of the page (+):\n%s", kind, diff)
		}
	}
}
