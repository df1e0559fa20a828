# dtmfphone: `make run` on a fresh machine is all it takes. `make help` lists the rest.

.DEFAULT_GOAL := help
.PHONY: help run test fuzz interop bench bench-detect lock prompts clean

BIN := .venv/bin
COMPILE := UV_PYTHON_DOWNLOADS=never $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header
OURS := pyproject.toml --extra speech --group build

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

run: ## Install what is missing, then open the window
	@tools/set-up run
	@$(BIN)/dtmfphone run

test: ## Install what is missing, then check the code and run the tests
	@tools/set-up dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy src tests bench tools
	$(BIN)/mypy tests/conftest.py
	$(BIN)/pytest tests --ignore=tests/interop

fuzz: ## Feed hostile bytes to all that reads from the network: SECONDS=300 ARGS="--target sdp --first 12"
	@tools/set-up dev
	PYTHONPATH=tests $(BIN)/python tests/fuzz/run_fuzz.py --seconds $(or $(SECONDS),300) $(ARGS)

interop: ## Test against real peers: Chromium, SIP phones and servers, livekit-agents, PulseAudio, an X server
	@tools/set-up interop
	$(BIN)/pytest tests/interop

bench: ## Measure and print the figures
	@tools/set-up interop
	@for file in $(filter-out bench/bench_detect.py,$(wildcard bench/bench_*.py)); do echo "== $$file"; $(BIN)/python $$file || exit; done

bench-detect: ## The detector beside others on a corpus: SEED=2 SCALE=0.1 ARGS="--groups noise --output FILE.md"
	@tools/set-up bench-detect
	$(BIN)/python bench/bench_detect.py --seed $(or $(SEED),1) --scale $(or $(SCALE),1) $(ARGS)

lock: ## Pin the Python packages anew; UPGRADE=--upgrade takes the newest
	@tools/set-up dev
	@$(BIN)/python -m pip install --disable-pip-version-check --quiet uv
	$(COMPILE) $(OURS) --group dev --output-file requirements/dev.txt $(UPGRADE)
	$(COMPILE) $(OURS) --constraint requirements/dev.txt --output-file requirements/run.txt $(UPGRADE)
	$(COMPILE) requirements/livekit.in --python-version 3.11 --output-file requirements/livekit.txt $(UPGRADE)

prompts: ## Render the spoken prompts of the built-in scripts that are missing
	@tools/set-up dev
	$(BIN)/python tools/render_prompts.py

clean: ## Remove the environment and all that was made
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
