# `make` alone lists the targets. Needed beforehand: Python 3.11 or later with venv (or uv), make, git;
# what is missing is named with the command that brings it. The directory's name may hold spaces.

SHELL := bash
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup demo run test check bench lock clean free-port

PORT ?= 8000
# More arguments for pytest: make test ARGS="tests/surveys -x"
ARGS ?=

PYTHON := .venv/bin/python
MANAGE := $(PYTHON) manage.py
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
# The settings of whoever calls must not reach the demo's database, nor change what tests see.
WITHOUT_SETTINGS := env -u SECRET_KEY -u DEBUG -u ALLOWED_HOSTS -u EMAIL_URL -u CACHE_URL -u SITE_URL -u TIME_ZONE \
    -u SECRET_KEY_FALLBACKS -u DEFAULT_FROM_EMAIL -u MFA_REQUIRED -u TRUSTED_PROXIES -u OIDC_SERVER_URL -u OIDC_CLIENT_ID -u OIDC_CLIENT_SECRET -u OIDC_NAME
# The settings of production, on this machine: error pages are those that people will see. Without second factors,
# which nobody would set up to look around.
DEMO := $(WITHOUT_SETTINGS) -u DATABASE_URL DEBUG=0 SECRET_KEY="$$(cat var/secret_key)" \
    ALLOWED_HOSTS=127.0.0.1,localhost SITE_URL=http://127.0.0.1:$(PORT) MFA_REQUIRED=0 PORT=$(PORT)

say = @echo "== $(1)"

# After an upgrade of Python a .venv may no longer start; it is then made anew.
$(shell $(PYTHON) -c '' 2>/dev/null || rm -f .venv/complete)

help: ## this list
	@echo "make TARGET, where TARGET is one of:"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 12
	@echo "PORT (now $(PORT)) is where demo and run serve: make demo PORT=8001"

setup: .venv/complete $(CATALOGUES) ## .venv with everything the portal needs, and the translations
	@echo "== .venv and translations are up to date."

.venv/complete: requirements.txt
	@bash scripts/setup
	@touch $@

%.mo: %.po .venv/complete
	$(call say,Compiling the translation $<)
	@$(PYTHON) -m babel.messages.frontend compile --input-file $< --output-file $@

demo: free-port setup ## a running portal with reference and sample data (SQLite in var/)
	@$(WITHOUT_SETTINGS) -u DATABASE_URL $(PYTHON) -c "import portal.settings" # makes var/secret_key
	$(call say,Bringing the database var/portal.sqlite3 up to date)
	@$(DEMO) $(MANAGE) migrate --verbosity 0
	$(call say,Loading reference and sample data)
	@$(DEMO) $(MANAGE) load_reference --sample
	$(call say,Collecting style sheets and scripts)
	@$(DEMO) $(MANAGE) collectstatic --noinput --verbosity 0
	$(call say,One account for each role)
	@$(DEMO) $(MANAGE) create_demo_accounts
	$(call say,Starting the server)
	@$(DEMO) $(PYTHON) -m gunicorn --config scripts/demo_server.py portal.wsgi

run: free-port setup ## the portal with the settings of the environment, reloading as you edit
	$(call say,Bringing the database up to date)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) runserver 127.0.0.1:$(PORT)

test: setup ## the suite, on SQLite or on the database of DATABASE_URL
	@command -v git >/dev/null || { echo "git is missing. Debian and Ubuntu: apt-get install git" >&2; exit 1; }
	@{ command -v chromium || command -v chromium-browser; } >/dev/null && $(PYTHON) -m playwright --version >/dev/null 2>&1 || { \
	    echo "Chromium or a library is missing: no tests in a browser. Debian and Ubuntu: apt-get install chromium libatomic1" >&2; \
	    [ "$$CI" != true ]; }
	@{ command -v soffice && command -v pdftotext; } >/dev/null || { \
	    echo "LibreOffice or pdftotext is missing: no tests that open documents. Debian and Ubuntu: apt-get install libreoffice-writer-nogui libreoffice-calc-nogui poppler-utils" >&2; \
	    [ "$$CI" != true ]; }
	$(call say,Running the tests on $(if $(DATABASE_URL),the database of DATABASE_URL,SQLite))
	@$(WITHOUT_SETTINGS) $(PYTHON) -m pytest $(ARGS)

check: setup ## lint, types, templates, missing migrations, settings of production
	$(call say,Style of the Python code (ruff))
	@$(PYTHON) -m ruff check .
	@$(PYTHON) -m ruff format --check .
	$(call say,Types (mypy))
	@$(WITHOUT_SETTINGS) $(PYTHON) -m mypy
	$(call say,Templates (djlint))
	@$(PYTHON) -m djlint --check templates
	@$(PYTHON) -m djlint --lint templates
	$(call say,Migrations)
	@$(WITHOUT_SETTINGS) -u DATABASE_URL $(MANAGE) makemigrations --check --dry-run
	$(call say,Settings of production (manage.py check --deploy))
	@$(WITHOUT_SETTINGS) -u DATABASE_URL DEBUG=0 ALLOWED_HOSTS=portal.example.org \
	    SECRET_KEY="$$($(PYTHON) -c 'import secrets; print(secrets.token_urlsafe(50))')" \
	    $(MANAGE) check --deploy --fail-level WARNING

bench: setup ## what the portal costs against a floor, on SQLite and PostgreSQL; about ten minutes; installs django-survey-and-report beside it
	$(call say,Measuring)
	@$(PYTHON) -m benchmarks

lock: ## the versions to install, anew, into requirements.txt (needs uv)
	@command -v uv >/dev/null || { echo "uv is missing. It comes by: pip install uv" >&2; exit 1; }
	$(call say,Writing requirements.txt)
	@UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile --quiet --upgrade --universal --extra dev --generate-hashes \
	    --no-emit-index-url --output-file requirements.txt pyproject.toml

clean: ## away with .venv, caches and compiled files; data in var/ stays
	$(call say,Removing .venv and caches and compiled files; the database in var/ stays)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info var/static var/test*.sqlite3* var/portal_bench_* var/bench_*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@rm -f $(CATALOGUES)

# Before anything else is touched.
free-port:
	@[[ "$(PORT)" =~ ^[1-9][0-9]{0,4}$$ && "$(PORT)" -lt 65536 ]] || { \
	    echo "PORT is '$(PORT)'; set it to a number up to 65535, as in PORT=8001." >&2; exit 1; }
	@if (exec 3<>/dev/tcp/127.0.0.1/$(PORT)) 2>/dev/null; then \
	    echo "Port $(PORT) is in use. Stop what runs there, or take another: make $(firstword $(MAKECMDGOALS)) PORT=$$(($(PORT) + 1))" >&2; \
	    exit 1; fi
