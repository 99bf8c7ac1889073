package entity

import (
	"slices"
	"strings"
)

// quantity makes an entity of the number in tokens i up to end, with the
// measure before or after it, and returns the token after it.
func (sc *scanner) quantity(i, end int, numbers []string) int {
	numbers = slices.Clone(numbers)
	was := end
	numbers, end = sc.multiplied(numbers, end)
	multiplied := end > was
	first := i
	before, start := sc.measureBefore(i)
	after, stop := sc.measureAfter(sc.afterDashes(end), 2)
	m := after
	switch {
	case before != nil:
		m, first = before, start
		if stop > 0 && after.kind == Amount {
			end = stop
		}
	case stop > 0:
		end = stop
	default:
		end = sc.afterLetters(end)
	}
	if m == nil {
		fig := sc.add(Number, first, end, append(numbers, sc.pointedClock(i)...))
		fig.numbers = numbers
		return end
	}
	switch {
	case m.kind == Amount && !multiplied:
		numbers = withoutMills(numbers, m)
	case strings.HasPrefix(m.unit.name, "°") && sc.is(i-1, "-") && sc.touches(i) && !sc.touches(i-1) && !sc.isTaken(i-1):
		first = i - 1
		for k := range numbers {
			numbers[k] = "-" + numbers[k]
		}
	}
	fig := sc.add(m.kind, first, end, m.readings(numbers))
	fig.numbers, fig.measure = numbers, m
	return end
}

// pointedClock gives the reading of "9.30" as a time of day, in languages that
// write it so.
func (sc *scanner) pointedClock(i int) []string {
	if !isHabit("pointed-clock", sc.lang) {
		return nil
	}
	hour := atoiShort(sc.toks[i].lower)
	minute, end, sure := sc.minutes(i)
	if end == 0 || sure || hour < 0 || hour > 23 || sc.kindAt(i) != tokDigits || len(sc.toks[i].lower) > 2 {
		return nil
	}
	return []string{clockReading(hour, minute)}
}

// withoutMills drops the reading of "1.250 EUR" as one and a quarter: prices
// have two decimals, but in the few currencies that have three.
func withoutMills(numbers []string, m *measure) []string {
	if len(numbers) != 2 || slices.ContainsFunc(m.codes, func(c string) bool { return isCode("currency-of-mills", c) }) {
		return numbers
	}
	switch {
	case times(numbers[1], 1000) == numbers[0]:
		return numbers[:1]
	case times(numbers[0], 1000) == numbers[1]:
		return numbers[1:]
	}
	return numbers
}

func (sc *scanner) isAndHalf(j int) bool {
	return sc.is(j, "and") && sc.is(j+1, "a") && sc.is(j+2, "half")
}

// multiplied applies "½", "and a half", "million" and "k" after a number.
func (sc *scanner) multiplied(numbers []string, end int) ([]string, int) {
	apply := func(f func(string) string) {
		for k, n := range numbers {
			numbers[k] = f(n)
		}
	}
	if end < len(sc.toks) && sc.near(end) {
		if v := codeOf("fraction", sc.toks[end].lower); v != "" {
			apply(func(n string) string { return plus(n, v) })
			end++
		}
	}
	if sc.isAndHalf(end) {
		apply(func(n string) string { return plus(n, "0.5") })
		end += 3
	}
	if end < len(sc.toks) && sc.near(end) {
		w := sc.toks[end].lower
		if p := words().magnitudes[w]; p > 0 && (w != "k" || sc.touches(end)) && !isUnitNamed("mi", w, sc.lang) {
			apply(func(n string) string { return times(n, powerOfTen(p)) })
			end++
			if sc.is(end, ".") && sc.touches(end) && len(w) <= 3 && !sc.touches(end+1) {
				end++ // "Mio."
			}
			for sc.isOneOf(words().beforeCounted, end) {
				if _, stop := sc.measureAfter(end+1, 2); stop == 0 {
					break
				}
				end++
			}
		}
	}
	return numbers, end
}

// afterDashes skips the ",-" and ".–" that stand for no cents.
func (sc *scanner) afterDashes(end int) int {
	if (sc.is(end, ",") || sc.is(end, ".")) && sc.touches(end) && sc.is(end+1, "-") && sc.touches(end+1) {
		end += 2
		for sc.is(end, "-") && sc.touches(end) {
			end++
		}
	}
	return end
}

// afterLetters skips ordinal endings and the "x" of "2x".
func (sc *scanner) afterLetters(end int) int {
	if end < len(sc.toks) && sc.touches(end) && sc.kindAt(end) == tokWord && !sc.glued(end+1) &&
		(words().ordinals.has(sc.toks[end].lower) || sc.is(end, "x")) {
		return end + 1
	}
	return end
}
