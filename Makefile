# One word per habit. Each brings what it needs, says what it does, and is quick the second time.
#
#   make demo      try Holdfast in a browser, without a token
#   make test      every test, on every database and with the real language model
#   make check     style, types and who may import whom
#   make sim       all of the simulations: every death, thousands of seeds (SEEDS=5000, SEED=17)
#   make chaos     ten minutes of real workers and servers killed at random (CHAOS_SECONDS=600)
#   make bench     figures, side by side with what else one could use
#   make pictures  the pictures in README and docs, taken anew from the page
#   make train     the language model, where its data or pipeline changed
#   make adapt     the encoder's adapter, learnt anew from the examples (15 minutes, or an hour on a busy machine)
#   make clean     what was installed and trained goes; the data folder, with the key, stays

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.PHONY: demo test check sim chaos bench pictures train adapt clean

UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
export RASA_TELEMETRY_ENABLED := false
export UV_PYTHON_PREFERENCE ?= system
# Once for all: every start of the bot and of Rasa is seconds quicker, in tests as well.
export UV_COMPILE_BYTECODE := 1

# Rasa 3.6 needs Python 3.10. uv brings one, unless one is here already.
PYTHON_310 := $(shell ls -d $$HOME/.pyenv/versions/3.10.*/bin/python 2>/dev/null | sort -V | tail -1)
PYTHON_310 := $(or $(PYTHON_310),3.10)

demo: .venv/.ready train
	$(UV) run --frozen --no-sync holdfast demo

test: .venv/.ready train
	$(UV) run --frozen --no-sync pytest -q -n auto --maxprocesses 4 --dist worksteal -m "not long"

check: .venv/.ready
	$(UV) run --frozen --no-sync ruff check .
	$(UV) run --frozen --no-sync ruff format --check .
	$(UV) run --frozen --no-sync mypy
	$(UV) run --frozen --no-sync lint-imports

SEEDS ?= 5000
CHAOS_SECONDS ?= 600

sim: .venv/.ready
	SEEDS=$(SEEDS) $(if $(SEED),SEED=$(SEED)) DEATHS=all \
	$(UV) run --frozen --no-sync pytest -q -n auto --maxprocesses 4 --dist worksteal \
	-o faulthandler_timeout=0 \
	$(if $(SEED),tests/sim/test_seeds.py,tests/sim)

chaos: .venv/.ready
	$(UV) run --frozen --no-sync python -m tests.chaos --seconds $(CHAOS_SECONDS)

bench: .venv/.ready train
	$(UV) run --frozen --no-sync python -m bench

pictures: .venv/.ready train
	PICTURES=$(CURDIR)/docs/images $(UV) run --frozen --no-sync pytest -q tests/journeys/test_the_page.py tests/pictures

train: .venv/.ready nlu/.venv/.ready
	$(UV) run --frozen --no-sync holdfast nlu train

adapt: nlu/.venv/.ready
	cd nlu && .venv/bin/python -m understanding.adapt

.venv/.ready: $(UV) pyproject.toml uv.lock
	@echo "… installing the bot"
	$(UV) sync --frozen
	@touch $@

nlu/.venv/.ready: $(UV) nlu/pyproject.toml nlu/uv.lock
	@echo "… installing the language model's own environment (Rasa; about a minute)"
	$(UV) sync --frozen --project nlu --python $(PYTHON_310)
	@touch $@

# uv itself, where it is missing: in this folder, without root.
.tools/bin/uv:
	@echo "… fetching uv"
	@python3 -m venv .tools 2>/dev/null && .tools/bin/pip install --quiet uv \
	|| { rm -rf .tools && python3 -m pip install --quiet --target .tools uv; } \
	|| { rm -rf .tools && curl -LsSf https://astral.sh/uv/install.sh \
	     | env UV_INSTALL_DIR=.tools/bin UV_NO_MODIFY_PATH=1 sh; }
	@test -x $@ || { echo "uv could not be installed: see https://docs.astral.sh/uv/"; exit 1; }

clean:
	rm -rf .venv .tools nlu/.venv nlu/trained
