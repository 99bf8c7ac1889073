package request

import (
	"strconv"
	"strings"

	"github.com/purser-desk/purser/internal/text"
)

// block is an item of a list, or what stands between lists.
type block struct {
	text.Span
	item bool
}

// blocksOf cuts a message at the items of its lists: lines that begin with a mark
// or a number, and numbers that count up within a line.
func blocksOf(s string) []block {
	var out []block
	at := 0
	add := func(p text.Span, item bool) {
		if strings.TrimSpace(p.In(s)) != "" {
			out = append(out, block{p, item})
		}
	}
	for _, it := range itemsOf(s) {
		add(text.Span{Start: at, End: it.mark}, false)
		add(text.Span{Start: it.body, End: it.end}, true)
		at = it.end
	}
	add(text.Span{Start: at, End: len(s)}, false)
	return out
}

// alphabet is what letters count by; there are no more items of a list.
const alphabet = "abcdefghijklmnopqrstuvwxyz"

// item is one of a list: where its mark begins, where it begins itself and ends.
type item struct{ mark, body, end int }

func itemsOf(s string) []item {
	for _, letters := range []string{"", alphabet, strings.ToUpper(alphabet)} {
		if items := numbered(s, letters); len(items) > 1 {
			return items
		}
	}
	var items []item
	start := 0
	for line := range strings.Lines(s) {
		if body := bullet(line); body > 0 {
			items = append(items, item{start, start + body, start + len(line)})
		}
		start += len(line)
	}
	if len(items) < 2 {
		return nil
	}
	return items
}

// bullet is where the text of a line begins that opens with a mark of a list; 0
// without one.
func bullet(line string) int {
	t := strings.TrimLeft(line, " \t")
	for _, mark := range []string{"-", "*", "•", "–", "·", "+", "→"} {
		rest, ok := strings.CutPrefix(t, mark)
		if body := strings.TrimLeft(rest, " \t"); ok && len(body) < len(rest) && strings.TrimSpace(body) != "" {
			return len(line) - len(body)
		}
	}
	return 0
}

// numbered are items that count up from 1, by "1.", "1)", "(1)" or "1:", or at the
// beginning of lines by the number alone; or from a letter, by "a)", at the beginning
// of lines also by "a.". The last one ends with its line, or where an empty line
// follows.
func numbered(s, letters string) []item {
	var items []item
	next := 0
	for i := 0; i < len(s) && next < len(alphabet); i++ {
		if i > 0 && !strings.ContainsRune(" \t\n(", rune(s[i-1])) {
			continue
		}
		want := strconv.Itoa(next + 1)
		if letters != "" {
			want = letters[next : next+1]
		}
		if !strings.HasPrefix(s[i:], want) {
			continue
		}
		body := i + len(want)
		lineStart := strings.TrimLeft(s[strings.LastIndexByte(s[:i], '\n')+1:i], " \t(") == ""
		switch {
		case letters != "" && body < len(s) && s[body] != ')' && (s[body] != '.' || !lineStart):
			continue
		case body < len(s) && strings.IndexByte(".):", s[body]) >= 0 && body+1 < len(s) && !text.IsDigit(s[body+1]):
			body++
			if body < len(s) && s[body] == ')' {
				body++
			}
		case letters == "" && lineStart && body < len(s) && s[body] == ' ' && body+1 < len(s) && !text.IsDigit(s[body+1]):
		default:
			continue
		}
		mark := i
		if i > 0 && s[i-1] == '(' {
			mark--
		}
		if n := len(items); n > 0 {
			items[n-1].end = mark
		}
		items = append(items, item{mark, body, len(s)})
		next++
	}
	for k := range items {
		it := &items[k]
		if gap := strings.Index(s[it.body:it.end], "\n\n"); gap >= 0 && strings.TrimSpace(s[it.body:it.body+gap]) != "" {
			it.end = it.body + gap
		} else if k == len(items)-1 {
			if line := strings.IndexByte(s[it.body:it.end], '\n'); line >= 0 {
				it.end = it.body + line
			}
		}
	}
	return items
}
