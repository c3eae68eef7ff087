# make run: the demo site on http://localhost:8000.  make test: the suite.  Both set themselves up.
PYTHON ?= python3
BIN := .venv/bin
UV := .tools/bin/uv
export UV_LINK_MODE := copy
unexport PYTHONDONTWRITEBYTECODE # each command is a new process: compiled modules are kept between them

.PHONY: run test test-postgresql kills check lint audit bench bench-rights bench-vault bench-ledger bench-many lock clean

run: .venv/.run
	$(BIN)/kept demo load
	KEPT_DEMO=1 $(BIN)/kept run

test: .venv/.dev
	$(BIN)/pytest -W error -n auto --dist loadgroup
	KEPT_TEST_STORE=postgresql $(BIN)/pytest -W error -n auto --dist loadgroup -m "store and not pages"

# Every test of Kept's own store on PostgreSQL; `make test` leaves out doors and pages, whose actions it tests there.
test-postgresql: .venv/.dev
	KEPT_TEST_STORE=postgresql $(BIN)/pytest -W error -n auto --dist loadgroup -m store

# 200 SIGKILLs of writers and sequencers at random points, and as many of workers, on each store; `make test` does a few.
kills: .venv/.dev
	KEPT_TEST_KILLS=200 $(BIN)/pytest -W error -n 0 --timeout 900 tests/test_ledger_killed.py tests/test_killed.py

check: lint audit test

lint: .venv/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djhtml --check src
	$(BIN)/python -m kept makemigrations --check --dry-run

audit: .venv/.dev
	$(BIN)/python .ci/audit.py

bench: bench-rights bench-vault bench-ledger bench-many
bench-rights: .venv/.dev
	$(BIN)/python -m benchmarks.rights
bench-ledger: .venv/.dev
	$(BIN)/python -m benchmarks.ledger
bench-many: .venv/.dev
	$(BIN)/python -m benchmarks.many
bench-vault: .venv/.dev
	$(BIN)/python -m benchmarks.vault

$(UV): requirements-tools.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kept needs Python 3.11 or newer: apt-get install python3"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Kept needs Python's venv module: apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .tools
	.tools/bin/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-tools.lock

.venv/bin/python: | $(UV)
	$(UV) venv --quiet --python "$$(command -v $(PYTHON))" .venv

# requirements-dev.lock holds everything in requirements.lock: once it is in, running needs no other install.
.venv/.run: requirements.lock pyproject.toml | .venv/bin/python
	@test -e .venv/.dev && test .venv/.dev -nt requirements-dev.lock || { $(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock && $(MAKE) --no-print-directory .venv/.kept; }
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements-dev.lock
	@$(MAKE) --no-print-directory .venv/.kept
	@touch $@

# Kept itself: a path file and its command, so that no build tool is needed.
.PHONY: .venv/.kept
.venv/.kept:
	@$(BIN)/python -c "import site, pathlib; pathlib.Path(site.getsitepackages()[0], 'kept.pth').write_text(str(pathlib.Path('src').resolve()))"
	@printf '#!%s\nimport sys\nfrom kept.cli import main\nsys.exit(main())\n' "$(CURDIR)/$(BIN)/python" > $(BIN)/kept && chmod +x $(BIN)/kept

lock: $(UV)
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --extra dev pyproject.toml -c requirements.lock -o requirements-dev.lock
	echo uv | $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links - -o requirements-tools.lock

clean:
	rm -rf .venv .tools data
