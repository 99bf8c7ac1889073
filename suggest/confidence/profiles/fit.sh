#!/bin/sh
# Fits the confidence profile that ships, default.json beside this file, and
# prints how good it is. The argument is a folder with the public sets wixqa,
# covid-faq, coronamelder and techqa, each as a suite (kb.jsonl and
# tickets.jsonl), and clinc150/data.json. Run it from the root of the repository
# with bin/purser built; "make default-profile DATA=FOLDER" does both.
set -eu

data=$1
out=suggest/confidence/profiles/default.json
runs=$(mktemp -d)
trap 'rm -rf "$runs"' EXIT

# run NAME FOLDER [FLAG...]: the features of retrieval, whatever profile ships now.
run() {
	name=$1 folder=$2
	shift 2
	echo "running $name" >&2
	bin/purser eval run --data "$folder" --profile none --json "$runs/$name.json" "$@" >/dev/null
}

for set in wixqa covid-faq coronamelder techqa; do
	run "$set" "$data/$set" --ablate-gold
done
run demo cmd/purser/demo --ablate-gold
bin/purser eval convert clinc150 "$data/clinc150/data.json" --out "$runs/clinc150" >/dev/null
run clinc "$runs/clinc150"

bin/purser eval calibrate "$runs/wixqa.json" "$runs/covid-faq.json" "$runs/coronamelder.json" "$runs/techqa.json" \
	"$runs/demo.json" "$runs/clinc.json" --answerable 0.75 --name default --out "$out"
