# The commands of README.md. Needs Python 3.11 or newer, a C++ compiler and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find csrc src -name '*.py' -o -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.csv' -o -name '*.json' -o -name '*.npy' -o -name '*.cpp' -o -name '*.hpp') pyproject.toml setup.py
# The tools call one another by name.
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test test-all lint bench docs sanitize wheel proof clean

# The Hague, 2019, on real genotypes: a stain, eight states, one hit.
demo: $(VENV)/installed
	$(BIN)/python docs/examples/the_hague.py

# Minutes: all that is not marked as slow, with a quarter of the examples, drawn anew each time.
test: $(VENV)/tests
	PRUM_EXAMPLES=25 $(BIN)/python -m pytest -q -n auto --dist worksteal -m "not slow"

# Before a change goes in: every test, with all examples.
test-all: $(VENV)/tests
	PRUM_EXAMPLES=100 $(BIN)/python -m pytest -q -n auto --dist worksteal

lint: $(VENV)/tools
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/clang-format --dry-run --Werror $$(find csrc -name '*.hpp' -o -name '*.cpp')
	$(BIN)/cython-lint --max-line-length 100 $$(find src -name '*.pyx' -o -name '*.pxd')
	$(BIN)/mypy --python-executable $(BIN)/python
	$(BIN)/mypy --python-executable $(BIN)/python docs/examples/typed_host.py docs/examples/police_host
	$(BIN)/python tools/check_stubs.py
	$(BIN)/lint-imports
	$(BIN)/python tools/draw_rooms.py --check

bench: $(VENV)/rivals
	$(BIN)/python -m benchmarks

docs: $(VENV)/tools
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build/html

# AddressSanitizer and UndefinedBehaviorSanitizer on the search, ThreadSanitizer on the threads.
sanitize: $(VENV)/tools
	PYTHON=$(BIN)/python bash tools/sanitize.sh

# What runs long: cases, seeds, attacks, mutants. At most three hours, and it goes on where it stood.
proof: $(VENV)/proof
	$(BIN)/python -m tools.proof

# A wheel and a source distribution, and the source distribution built and installed clean.
wheel: $(VENV)/tools
	PYTHON=$(BIN)/python bash tools/check_distributions.sh

$(VENV)/pip:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	touch $@

$(VENV)/installed: $(VENV)/pip $(SOURCES)
	rm -rf build/lib*
	$(BIN)/python -m pip install -q .
	touch $@

$(VENV)/tests: $(VENV)/installed
	$(BIN)/python -m pip install -q --group test
	touch $@

$(VENV)/tools: $(VENV)/tests
	$(BIN)/python -m pip install -q --group lint --group docs --group build
	touch $@

# The tests, and what builds the native parts anew.
$(VENV)/proof: $(VENV)/tests
	$(BIN)/python -m pip install -q --group build
	touch $@

# Without them the benchmarks say that they are missing.
$(VENV)/rivals: $(VENV)/installed
	-$(BIN)/python -m pip install -q --group bench
	touch $@

clean:
	rm -rf $(VENV) build dist docs/_build benchmarks/results *.egg-info src/*.egg-info
	find src -name '*.so' -delete
