# make run: everything on this machine. make test: every test. make help: the rest.
.DEFAULT_GOAL := help
.PHONY: help run build release trigrams test bench trial figures fuzz lint proto breaking default-profile tidy clean

GOLANGCI := v2.15.0
TOOLS := .cache/tools
BIN := bin/purser

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build ## build purser, start everything it needs, show a ticket being answered, serve
	@exec $(BIN) dev

build: ## build bin/purser
	go build -o $(BIN) ./cmd/purser

release: ## build bin/purser as it ships, without symbols and this machine's paths
	go build -trimpath -ldflags "-s -w -X github.com/purser-desk/purser/cmd/purser/wiring.released=true" -o $(BIN) ./cmd/purser

# Many tests wait for leases and servers, so more of them run at once than there are cores.
# The race detector has each process that ends wait for races of what still runs: a second
# where nothing is said, for each of the servers and supervisors that tests start.
test: build ## run every test on a real PostgreSQL and embedding server, race detector on
	@GORACE=atexit_sleep_ms=50 exec $(BIN) local run -- go test -race -parallel 4 -timeout 30m ./...

bench: build ## print what Purser adds to the work that must be done
	@exec $(BIN) local run -- go test -run '^$$' -bench . -benchtime 2s ./bench/... ./knowledge/postgres/... ./eval ./eval/compare

trial: build ## play answers written beforehand through the checks; TRIALS=FOLDER of them
	@sh eval/trial/trial.sh "$(TRIALS)" $(TRIAL_FLAGS)

figures: ## play 1,000 planted comparisons of each kind, and time the metrics of 10,000 cases
	go test -count=1 -v -run 'Redraw|ALoss' -bench 10000Cases -benchtime 1x ./eval ./eval/compare

fuzz: ## fuzz every parser for 20 seconds each
	@go list ./... | while read -r p; do go test -list '^Fuzz' $$p | grep '^Fuzz' | while read -r f; do \
		echo "$$p $$f"; go test -run '^$$' -fuzz "^$$f$$" -fuzztime 20s -fuzzminimizetime 10x $$p || exit 1; done; done

trigrams: ## make the letter statistics anew that languages are told by
	go -C internal/langid/model run . ../trigrams.bin

default-profile: build ## fit the confidence profile that ships anew; DATA=FOLDER of the public sets
	@sh suggest/confidence/profiles/fit.sh "$(DATA)"

lint: $(TOOLS)/golangci-lint breaking ## check style, import rules and the contract
	$(TOOLS)/golangci-lint run ./...
	$(TOOLS)/golangci-lint fmt --diff ./...

proto: $(TOOLS)/buf ## generate Go from the contract
	go -C proto/tool run . ../.deps
	cd proto && ../$(TOOLS)/buf format -w --path purser && ../$(TOOLS)/buf generate --path purser

breaking: $(TOOLS)/buf ## refuse a change that breaks clients of the contract
	go -C proto/tool run . ../.deps
	cd proto && ../$(TOOLS)/buf lint && ../$(TOOLS)/buf breaking --against purser.binpb --exclude-imports

$(TOOLS)/buf: proto/tool/buf/go.mod
	go build -C proto/tool/buf -o ../../../$@ github.com/bufbuild/buf/cmd/buf

$(TOOLS)/golangci-lint:
	GOBIN="$(CURDIR)/$(TOOLS)" go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI)

clean: ## remove what was built here; runtime and data stay in PURSER_HOME
	rm -rf bin .cache proto/.deps
