// Package convert makes evaluation suites of public data sets as they are
// published: each set of which the documentation gives figures has a reader here.
// It reads the files that it is given and writes a suite's two files, or replies
// with people's ratings. It downloads nothing.
package convert
