# `make demo` and `make test` need Python 3.11 or newer, make, and a package registry for the first install.

PYTHON ?= python3
BIN := .venv/bin
CONFIG ?= config
# Most tests wait for processes and servers: three to a core of a machine of two.
WORKERS ?= 6

.PHONY: help setup demo test run lint format lock messages wheel man clean bench-extraction bench-matcher bench-search bench-stories bench-reindex bench-feed bench-crawl bench-archive bench-slots bench-migrations bench-hour bench-schedule bench-alerts bench-engines bench-web bench-million bench-health bench-status soak

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/installed ## the virtual environment in .venv, with the hash-locked packages

.venv/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "presswatch needs Python 3.11 or newer; say which: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
		|| { echo "this Python cannot make virtual environments; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing into .venv (about a minute, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@# The lock is complete and says every hash: nothing is resolved, and nothing else can get in.
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup ## the whole product at work on a sample press, in about half a minute
	@$(BIN)/presswatch demo

test: setup ## all tests; those that need a server say why they were skipped
	@$(BIN)/pytest -n $(WORKERS) --dist loadgroup --no-loadscope-reorder

run: setup ## the daemon on the configuration in config/
	@$(BIN)/presswatch --config $(CONFIG) run

lint: setup ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup ## let ruff put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: ## requirements.lock anew from pyproject.toml (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --group dev \
		pyproject.toml -o requirements.lock

messages: setup ## the catalogues of translations with the messages that code and templates say now
	@PYTHONPATH=tests $(BIN)/python -m support.messages

wheel: setup ## the wheel, in dist/
	@$(BIN)/python -m build -q --wheel --no-isolation

man: setup ## the man pages of every command, in dist/man/man1/
	@$(BIN)/python -m presswatch.cli.man_pages dist/man/man1

bench-extraction: setup ## our reader beside trafilatura and newspaper4k on labelled pages (CORPUS=folder)
	@$(BIN)/python -m bench.extraction $(if $(CORPUS),--corpus $(CORPUS))

bench-matcher: setup ## documents a second against 10 to 10,000 watches
	@$(BIN)/python -m bench.matcher

bench-search: setup ## the embedded index beside Elasticsearch, over 100,000 articles (COUNT=n)
	@PYTHONPATH=tests $(BIN)/python -m bench.search $(COUNT)

bench-stories: setup ## how well copies are told from other news, and the time for 100,000 articles (COUNT=n)
	@PYTHONPATH=tests $(BIN)/python -m bench.stories $(COUNT)

bench-reindex: setup ## the index built anew from 100,000 articles, killed twice (COUNT=n)
	@PYTHONPATH=tests $(BIN)/python -m bench.reindex $(COUNT)

bench-slots: setup ## what healthy outlets keep beside 2, 20 and 200 slow hosts
	@$(BIN)/python -m bench.slots

bench-feed: setup ## articles a second into both engines, beside the client's parallel_bulk (COUNT=n)
	@PYTHONPATH=tests $(BIN)/python -m bench.feed $(COUNT)

bench-crawl: setup ## the crawl end to end beside bare trafilatura, its memory, sources without news (CORPUS=folder)
	@$(BIN)/python -m bench.crawl $(if $(CORPUS),--corpus $(CORPUS))

bench-migrations: setup ## rows a second of each migration (COUNT=n)
	@$(BIN)/python -m bench.migrations $(COUNT)

bench-archive: setup ## whether a step's cost grows with the archive (COUNTS=10000,100000,1000000)
	@PYTHONPATH=tests $(BIN)/python -m bench.archive $(if $(COUNTS),--counts $(COUNTS))

bench-hour: setup ## an hour on 50 outlets: memory, open files, queues, lateness, as a plot (MINUTES=n)
	@$(BIN)/python -m bench.hour $(if $(MINUTES),--minutes $(MINUTES)) $(if $(PLOT),--plot $(PLOT))

bench-schedule: setup ## what schedule: auto gains over fixed intervals in a simulated year, as a plot (WEEKS=n)
	@$(BIN)/python -m bench.schedule $(if $(WEEKS),--weeks $(WEEKS)) $(if $(PLOT),--plot $(PLOT))

bench-alerts: setup ## seconds from publication to the mail server's word, with 10,000 watches (WATCHES=n ARTICLES=n TICK=5s)
	@PYTHONPATH=tests $(BIN)/python -m bench.alerts $(if $(WATCHES),--watches $(WATCHES)) $(if $(ARTICLES),--articles $(ARTICLES)) $(if $(TICK),--tick $(TICK))

bench-engines: setup ## sites of real engines, from their home page to their articles (ONLY=hugo,pelican APT=1)
	@$(BIN)/python -m bench.engines $(if $(ONLY),--only $(ONLY)) $(if $(APT),--apt)

bench-web: setup ## p50 and p95 of every page over 100,000 articles, alone and beside a crawl (COUNT=n DATA=folder ONLY=search)
	@PYTHONPATH=tests $(BIN)/python -m bench.web $(COUNT) $(if $(DATA),--data $(DATA)) $(if $(ONLY),--only $(ONLY))

bench-million: setup ## what a search page asks of Elasticsearch over 1,000,000 articles (COUNT=n MINUTES=n)
	@PYTHONPATH=tests $(BIN)/python -m bench.million $(COUNT) $(if $(MINUTES),--minutes $(MINUTES))

bench-health: setup ## false alarms a source and year, and how soon redesigns are noticed (COUNT=n PLOT=file)
	@PYTHONPATH=tests $(BIN)/python -m bench.health "$(COUNT)" $(PLOT)

bench-status: setup ## presswatch status and the daemon's first request, with 1,000 sources (SOURCES=n)
	@PYTHONPATH=tests $(BIN)/python -m bench.status $(if $(SOURCES),--sources $(SOURCES))

soak: setup ## the daemon killed at random while the press goes on (KILLS=300 SEED=1)
	@PYTHONPATH=tests $(BIN)/python -m bench.soak $(if $(KILLS),--kills $(KILLS)) $(if $(SEED),--seed $(SEED))

clean: ## remove what was installed and built
	rm -rf .venv .bench dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
