# make book    build the book; every chapter is executed          make bench   measure the engine
# make test    check everything, from spelling to the browser     make lint    only the checks that take seconds
# make serve   read the built book                                make clean-notebooks   strip outputs before a commit
#
# Each sets up what it needs in .venv. The parts of make test: lint unit site colab; shapes is the first half of unit. Chapters run
# twice: while the book is built, and with Colab's versions; either way their verdicts are compared. make notebooks does that alone.

SHELL := bash
.NOTPARALLEL:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
PORT ?= 8000
bin := .venv/bin
colab := .venv-colab/bin
chapters := $(shell find book -name '*.ipynb' -not -path '*/.*' 2>/dev/null)
sources := _config.yml _toc.yml $(shell find book data mtl_tutor -type f -not -path '*/.*' -not -path '*/__pycache__/*' 2>/dev/null)

# How tests are spread over two processes, what runs under the shape checker and in the second environment, and how chapters are run.
spread := -n 2 --dist loadfile
quick := not messages and not slow and not claims and not cluster and not site and not colab
nbval := --nbval --nbval-current-env $(spread) $(chapters)

# Two processes work side by side; more threads in each would only wait for one another.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

# Or each kernel warns about a debugger that nobody started.
export PYDEVD_DISABLE_FILE_VALIDATION := 1
export MTL_STARTED := $(or $(MTL_STARTED),$(shell date +%s))
elapsed = $$(( ($$(date +%s) - MTL_STARTED) / 60 )) min $$(( ($$(date +%s) - MTL_STARTED) % 60 )) s
say = @printf '\n== %s  [%s]\n' '$(1)' "$(elapsed)"

.PHONY: help book test serve bench lint unit shapes notebooks site colab colab-versions browser pins clean-notebooks run-notebooks

help:
	@sed -n '1,/^$$/s/^#[ ]*//p' Makefile

# ---- the promises ----------------------------------------------------------------------------------------------------

define build_book
	$(call say,Build the book: every chapter runs afresh)
	rm -rf _build/html _build/.doctrees _build/built
	$(bin)/python scripts/build_book.py
	@touch _build/built
endef

book: .venv/ready
	$(build_book)
	@printf '\nThe book: %s\nMade in %s. To read it: make serve\n' "$(CURDIR)/_build/html/index.html" "$(elapsed)"

test: browser lint unit site colab
	@printf '\nAll checks passed in %s. The book that was checked: %s\n' "$(elapsed)" "$(CURDIR)/_build/html/index.html"

serve:
	@test -f _build/html/index.html || { echo "There is no book yet. First: make book"; exit 1; }
	@echo "The book: http://127.0.0.1:$(PORT)/  (Ctrl-C ends)"
	@if [ "$$(uname)" = Darwin ] || [ -n "$${DISPLAY:-}$${WAYLAND_DISPLAY:-}" ]; then \
	    (sleep 1; $(PYTHON) -m webbrowser "http://127.0.0.1:$(PORT)/" >/dev/null 2>&1) & fi; \
	    exec $(PYTHON) -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

bench: .venv/ready
	$(bin)/python -m benchmarks.engine

# ---- the parts of make test, quick ones first --------------------------------------------------------------------------

lint: .venv/ready
	$(call say,Style: ruff)
	$(bin)/ruff check .
	$(call say,Spelling: codespell)
	$(bin)/codespell
	$(call say,Types: pyright)
	$(bin)/pyright
	$(call say,Who may import whom: import-linter)
	$(bin)/lint-imports --no-logo

unit: shapes
	$(call say,Tests that the shape checker would forestall or slow down; claims; hygiene of package and notebooks)
	$(bin)/python -m pytest $(spread) -m "not ($(quick)) and not site and not colab"
	$(bin)/python -m pytest $(spread) -m "$(quick)" tests/book tests/test_package.py

shapes: .venv/ready
	$(call say,Unit tests with contracts; doctests; the shape of every array is checked)
	$(bin)/python -m pytest $(spread) -m "$(quick)" --ignore=tests/book --ignore=tests/test_package.py --jaxtyping-packages=mtl_tutor,typechecker.check

notebooks: .venv/ready
	$(call say,Every chapter runs and repeats its verdict: nbval)
	$(bin)/python -m pytest $(nbval)

site: browser .venv/ready _build/built
	$(call say,The built book in a browser)
	$(bin)/python -m pytest -m site tests/book

colab: .venv/ready
	$(call say,Colab: nothing that it has is replaced)
	$(bin)/python -m pytest -m colab tests/colab/test_resolution.py
	@if $(bin)/python -c 'import sys; sys.exit(sys.version_info < (3, 13))'; then \
	    echo "SKIPPED: Colab's NumPy and SciPy have no wheels for $$($(bin)/python --version); with 3.11 or 3.12 more is tested."; \
	    else $(MAKE) --no-print-directory colab-versions; fi

colab-versions: .venv-colab/ready
	$(call say,Colab: unit tests with its versions)
	$(colab)/python -m pytest $(spread) -o filterwarnings=ignore -m "$(quick)" --ignore=tests/book --ignore=tests/test_package.py
	$(colab)/python -m pytest -o filterwarnings=ignore -m colab tests/colab/test_environment.py
	$(call say,Colab: chapters with its versions)
	$(colab)/python -m pytest -o filterwarnings=ignore $(nbval)

_build/built: .venv/ready $(sources)
	$(build_book)

# ---- set-up ----------------------------------------------------------------------------------------------------------

.venv/ready: requirements.txt pyproject.toml
	$(call say,Set up .venv: about 150 pinned packages; the first time takes a minute or a few)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "The book needs Python 3.11 or newer, and $(PYTHON) is none. Name one: make PYTHON=python3.12 book"; exit 1; }
	@test -x $(bin)/python || $(PYTHON) -m venv .venv || { \
	    rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@$(bin)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv-colab/ready: tests/colab/requirements.txt
	$(call say,Set up .venv-colab: the versions that Colab has)
	@test -x $(colab)/python || $(bin)/python -m venv .venv-colab
	@$(colab)/python -m pip install --quiet --disable-pip-version-check -r $<
	@$(colab)/python -c 'import os, sysconfig; open(sysconfig.get_path("purelib") + "/mtl_tutor.pth", "w").write(os.getcwd())'
	@touch $@

browser:
	@for name in chromium chromium-browser google-chrome; do command -v "$$name" >/dev/null && exit 0; done; \
	    echo "make test opens the built book in Chromium, which is not on this machine. First: sudo apt-get install chromium"; exit 1

# ---- for those who change things ----------------------------------------------------------------------------------------

clean-notebooks: .venv/ready
	@$(bin)/python scripts/notebooks.py clean $(chapters)

run-notebooks: .venv/ready
	@$(bin)/python scripts/notebooks.py run $(chapters)

pins: .venv/ready
	@$(bin)/python scripts/pins.py $(UPGRADE)
