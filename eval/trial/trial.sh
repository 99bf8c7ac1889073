#!/bin/sh
# trial.sh TRIALS [FLAG…]: plays the answers in the folder TRIALS through the checks of
# drafts, on the demo and, where TRIALS tells how they are made, on its other suites.
set -eu
if [ -z "${1:-}" ] || [ ! -d "$1/strong-model" ]; then
	echo 'give TRIALS=FOLDER, which holds strong-model and gate' >&2
	exit 2
fi
trials=$1
shift
suites=$(mktemp -d)
trap 'rm -rf "$suites"' EXIT
set -- "$@" --data cmd/purser/demo
if [ -f "$trials/strong-model/suites/make.py" ] && python3 "$trials/strong-model/suites/make.py" "$suites"; then
	for suite in "$suites"/*/; do
		set -- "$@" --data "$suite"
	done
fi
bin/purser eval trial --trials "$trials" "$@"
