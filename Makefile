# make book    build the book; every chapter is executed          make bench      measure the engine
# make test    check everything that changed, and a share of the rest   make test-all   check everything
# make serve   read the built book                                make lint       only the checks that take seconds
# make clean-notebooks   strip outputs before a commit            make notebooks  every chapter, by nbval
#
# Each sets up what it needs in .venv, and make book and make test end with a table of what took how long.
# The parts of make test: lint unit site colab; shapes is the first half of unit. Every chapter runs while the book is built, and site
# compares the verdicts on its page with those that its file keeps. Of tests/claims, unit tests, doctests and pages those run whose
# code, data or pins changed since they last passed (tests/passed.json), and a third of the others. With Colab's versions, three chapters run. The
# commit draws.

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

# How tests are spread over two processes, what runs under the shape checker, how chapters are run, and what runs with Colab's versions.
spread := -n 2 --dist loadfile --no-loadscope-reorder
quick := not messages and not slow and not claims and not cluster and not site and not colab
nbval := -p portable --nbval --nbval-current-env $(spread) $(chapters)
colab_tests := $(if $(MTL_ALL),--ignore=tests/book --ignore=tests/test_package.py,tests/contracts tests/training tests/tasks tests/sharing)
colab_draw := --draw $(if $(MTL_ALL),$(words $(chapters)),3)

# make test leaves out what passed before and is unchanged, but for a share that the commit draws; MTL_ALL=1 leaves nothing out.
unchanged := -p unchanged $(if $(MTL_ALL),--everything)
export MTL_ALL

# Two processes work side by side; more threads in each would only wait for one another.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

# Or each kernel warns about a debugger that nobody started.
export PYDEVD_DISABLE_FILE_VALIDATION := 1
export MTL_STARTED := $(or $(MTL_STARTED),$(shell date +%s))
elapsed = $$(( ($$(date +%s) - MTL_STARTED) / 60 )) min $$(( ($$(date +%s) - MTL_STARTED) % 60 )) s
say = @printf '\n== %s  [%s]\n' '$(1)' "$(elapsed)"; mkdir -p _build; printf '%s\t%s\n' "$$(date +%s)" '$(1)' >> _build/stages.tsv
report = @$(bin)/python scripts/report.py

.PHONY: help book test test-all serve bench lint unit shapes notebooks site colab colab-versions browser pins clean-notebooks
.PHONY: run-notebooks

help:
	@sed -n '1,/^$$/s/^#[ ]*//p' Makefile

# ---- the promises ----------------------------------------------------------------------------------------------------

define build_book
	$(call say,Build the book: every chapter runs afresh)
	@rm -rf _build/html _build/.doctrees _build/built
	$(bin)/python scripts/build_book.py
	@touch _build/built
endef

book: .venv/ready
	$(build_book)
	$(report)
	@printf '\nThe book: %s\nMade in %s. To read it: make serve\n' "$(CURDIR)/_build/html/index.html" "$(elapsed)"

test: browser lint unit site colab
	$(report)
	@printf '\nAll checks passed in %s. The book that was checked: %s\n' "$(elapsed)" "$(CURDIR)/_build/html/index.html"

test-all:
	@$(MAKE) --no-print-directory test MTL_ALL=1

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
	$(call say,Claims; and tests that the shape checker would forestall or slow down)
	$(bin)/python -m pytest $(unchanged) $(spread) -m "not ($(quick)) and not site and not colab"
	$(call say,Hygiene of package and notebooks)
	$(bin)/python -m pytest $(spread) -m "$(quick)" tests/book tests/test_package.py

shapes: .venv/ready
	$(call say,Unit tests with contracts; doctests; the shape of every array is checked)
	$(bin)/python -m pytest $(unchanged) --stage shapes $(spread) -m "$(quick)" --ignore=tests/book --ignore=tests/test_package.py --jaxtyping-packages=mtl_tutor,typechecker.check

notebooks: .venv/ready
	$(call say,Chapters repeat their verdicts: nbval)
	$(bin)/python -m pytest $(nbval)

site: browser .venv/ready _build/built
	$(call say,The built book in a browser)
	$(bin)/python -m pytest $(unchanged) --stage site -n 2 --dist load -m site tests/book

colab: .venv/ready
	$(call say,Colab: nothing that it has is replaced)
	$(bin)/python -m pytest -m colab tests/colab/test_resolution.py
	@if $(bin)/python -c 'import sys; sys.exit(sys.version_info < (3, 13))'; then \
	    echo "SKIPPED: Colab's NumPy and SciPy have no wheels for $$($(bin)/python --version); with 3.11 or 3.12 more is tested."; \
	    else $(MAKE) --no-print-directory colab-versions; fi

colab-versions: .venv-colab/ready
	$(call say,Colab: unit tests with its versions)
	$(colab)/python -m pytest $(unchanged) --stage colab $(spread) -o filterwarnings=ignore -m "$(quick)" $(colab_tests)
	$(colab)/python -m pytest -o filterwarnings=ignore -m colab tests/colab/test_environment.py
	$(call say,Colab: chapters with its versions)
	$(colab)/python -m pytest -p unchanged $(colab_draw) -o filterwarnings=ignore $(nbval)

_build/built: .venv/ready $(sources)
	$(build_book)

# ---- set-up ----------------------------------------------------------------------------------------------------------

.venv/ready: requirements.txt pyproject.toml
	$(call say,Set up .venv: about 150 pinned packages; the first time takes a minute or a few)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "The book needs Python 3.11 or newer, and $(PYTHON) is none. Name one: make PYTHON=python3.12 book"; exit 1; }
	@test -x $(bin)/python || $(PYTHON) -m venv .venv || { \
	    rm -rf .venv; echo "$(PYTHON) cannot make a virtual environment. On Debian or Ubuntu: sudo apt-get install python3-venv"; exit 1; }
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --no-compile -r requirements.txt
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv-colab/ready: tests/colab/requirements.txt
	$(call say,Set up .venv-colab: the versions that Colab has)
	@test -x $(colab)/python || $(bin)/python -m venv .venv-colab
	@$(colab)/python -m pip install --quiet --disable-pip-version-check --no-compile -r $<
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
