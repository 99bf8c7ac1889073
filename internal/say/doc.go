// Package say words what people are told: counts, short lists, which name may
// have been meant, what is wrong with a YAML file. It never decides anything and
// never writes anywhere.
package say
