# `make run` starts the app; `make test` runs every test. Both set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test setup setup-test clean

run: setup
	@echo "Countersign opens at http://127.0.0.1:8501 (Ctrl-C ends it)"
	@$(BIN)/python cli.py migrate >/dev/null
	@$(BIN)/python -m streamlit run streamlit_app.py

test: setup-test
	@$(BIN)/python tools/browser.py
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

setup: $(VENV)/run.stamp

setup-test: $(VENV)/test.stamp

$(VENV)/run.stamp: requirements.txt
	@$(PYTHON) tools/python_version.py
	@# A half-made one (Ctrl-C), or one of an older Python, is made anew.
	@$(BIN)/python tools/python_version.py >/dev/null 2>&1 \
		&& $(BIN)/python -m pip --version >/dev/null 2>&1 \
		|| $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing what the app runs with (a minute, the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.txt
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
