# `make run` starts the app; `make test` runs every test. Both set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Stages of the tests by their first words, all of them when empty: make test STAGES=rules
STAGES ?=

# What the surroundings set must not change what the tests see, nor make each start compile anew.
export PYTHONDONTWRITEBYTECODE :=
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export COLUMNS := 100
unexport FORCE_COLOR

.PHONY: run test setup setup-test clean

run: setup
	@$(BIN)/python cli.py migrate >/dev/null
	@$(BIN)/python tools/start.py $(PORT)

test: setup-test
	@$(BIN)/python tools/browser.py
	@TZ=UTC $(BIN)/python tools/stages.py $(STAGES)

setup: $(VENV)/run.stamp

setup-test: $(VENV)/test.stamp

# uv installs in seconds where pip takes minutes; where uv cannot (it knows nothing of pip's own
# configuration, or has no folder for its cache), pip does.
define install
	@$(BIN)/python -m pip install --quiet --retries 10 --timeout 60 -c constraints.txt uv
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -c constraints.txt -r $(1) \
		|| $(BIN)/python -m pip install --quiet --retries 10 --timeout 60 -c constraints.txt -r $(1)
	@touch $@
endef

$(VENV)/run.stamp: requirements.txt constraints.txt
	@$(PYTHON) tools/python_version.py
	@# A half-made one (Ctrl-C), or one of an older Python, is made anew.
	@$(BIN)/python tools/python_version.py >/dev/null 2>&1 \
		&& $(BIN)/python -m pip --version >/dev/null 2>&1 \
		|| $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing what the app runs with (a minute, the first time)"
	$(call install,requirements.txt)

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.txt
	@echo "Installing what the tests need"
	$(call install,requirements-dev.txt)

clean:
	rm -rf $(VENV) test-results .pytest_cache .mypy_cache .ruff_cache .hypothesis
