// Package report writes what an evaluation found for others to read: JUnit XML
// for continuous integration, and one HTML file for people.
//
// The HTML loads nothing from anywhere and runs no script; whatever a customer,
// an article or a model wrote is shown as text, never taken for markup. The
// package never measures: what it shows stands in the run, but for the curves
// that are drawn from it.
package report
