// Package say words what people are told: counts, short lists, which name may
// have been meant, what is wrong with a YAML file, tables. It never decides
// anything.
package say
